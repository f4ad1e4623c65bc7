//! `selftest`: it names the errors that a spec's verdicts would catch, and those that none would.

mod common;

use common::cli::{SMALL, Workplace};
use common::edited;
use serde_json::Value;

/// The small experiment with so many replicates that the claim sees what it should, and claims of other kinds beside it.
fn sharp() -> String {
    let claims = "[[claim]]\nname = \"bound\"\nsays = \"The risk ends below 3.\"\nmeasure = \"risk\"\n\
                  against.at_most.value = \"3\"\nat = \"last_record\"\n\n\
                  [[claim]]\nname = \"wrong\"\nsays = \"The risk is at most 0.1.\"\nfinding = \"It is 2.\"\n\
                  measure = \"risk\"\nagainst.at_most.value = \"0.1\"\n\n[[figure]]";
    edited(
        SMALL,
        &[("count = 4096", "count = 65536"), ("resolution = 0.15", "resolution = 0.03"), ("[[figure]]", claims)],
    )
}

#[test]
fn a_spec_that_was_not_run_is_to_be_run_first() {
    let workplace = Workplace::with("small", SMALL);
    let ran = workplace.run(&["selftest", "specs/small.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""));
    assert!(ran.stderr.contains("run"), "{}", ran.stderr);
    assert_eq!(workplace.run(&["selftest", "specs/none.toml"]).code, Some(2));
}

#[test]
fn an_error_that_nobody_catches_is_exit_code_one() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    insta::assert_snapshot!("blunt", workplace.run(&["selftest", "specs/small.toml"]).seen());
}

#[test]
fn errors_that_claims_see_are_caught_and_the_formats_agree() {
    let workplace = Workplace::with("sharp", &sharp());
    workplace.run(&["run", "specs/sharp.toml"]);
    let before = workplace.contents("reports");
    let table = workplace.run(&["selftest", "specs/sharp.toml"]);
    insta::assert_snapshot!("sharp", table.seen());
    assert_eq!(table.stdout, workplace.run(&["selftest", "specs/sharp.toml"]).stdout, "the draws are the same");
    assert!(before == workplace.contents("reports"), "nothing is written");
    let json = workplace.run(&["selftest", "specs/sharp.toml", "--format", "json"]);
    let document: Value = serde_json::from_str(&json.stdout).expect("a document");
    let outcomes = &document[0]["claims"][0]["outcomes"];
    assert_eq!(outcomes[0]["outcome"], "caught");
    assert_eq!(outcomes[6]["outcome"], "refused");
    assert!(outcomes[2]["power"]["low"].as_f64().expect("a number") > 0.99, "steps that are 5 % larger: {outcomes}");
    let markdown = workplace.run(&["selftest", "specs/sharp.toml", "--format", "markdown"]).stdout;
    assert!(markdown.contains("| exact | 3.0 % |"), "{markdown}");
}
