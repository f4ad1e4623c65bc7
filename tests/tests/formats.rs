//! Verdicts for programs and for issues: one JSON document of all specs, and Markdown.

mod common;

use common::cli::{SMALL, Workplace};
use common::edited;
use serde_json::Value;

/// Two specs; the second one has an undecided claim, one with an open band, and one that is recorded as refuted.
fn workplace() -> Workplace {
    let workplace = Workplace::with("small", SMALL);
    let claims = "[[claim]]\nname = \"blunt\"\nsays = \"The risk follows its law | closely.\"\nmeasure = \"risk\"\n\
                  against.exact = { resolution = 0.01 }\n\n\
                  [[claim]]\nname = \"wrong\"\nsays = \"The risk is at most 0.1.\"\nfinding = \"It is 2.\"\n\
                  measure = \"risk\"\nagainst.at_most.value = \"0.1\"\n\n[[figure]]";
    workplace.write("specs/other.toml", &edited(SMALL, &[("[[figure]]", claims), ("a small", "another | small")]));
    workplace
}

#[test]
fn json_is_one_document_of_all_specs_with_every_digit() {
    let workplace = workplace();
    let ran = workplace.run(&["run", "specs/small.toml", "specs/other.toml", "--format", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(3), ""));
    insta::assert_snapshot!("json", common::refusal::redact(&ran.stdout));
    assert_eq!(
        workplace.run(&["check", "specs/small.toml", "specs/other.toml", "--format", "json"]).stdout,
        ran.stdout
    );
    let claims: Vec<Value> = serde_json::from_str(&ran.stdout).expect("a list");
    let table = workplace.run(&["check", "specs/other.toml"]).stdout;
    for claim in claims.iter().filter(|claim| claim["spec"] == "other") {
        let worst = format!("{:.4}", claim["worst"].as_f64().expect("a number"));
        let line =
            table.lines().find(|line| line.starts_with(claim["claim"].as_str().expect("a name"))).expect("a line");
        assert!(
            line.contains(&worst) && line.contains(claim["verdict"].as_str().expect("a word")),
            "{worst} in {line}"
        );
    }
}

#[test]
fn json_stands_also_where_a_spec_fails() {
    let workplace = workplace();
    workplace.run(&["run", "specs/small.toml"]);
    let checked = workplace.run(&["check", "--format", "json"]);
    assert_eq!(checked.code, Some(3));
    assert!(checked.stderr.contains("other") && checked.stderr.starts_with("error: "), "{}", checked.stderr);
    let claims: Vec<Value> = serde_json::from_str(&checked.stdout).expect("a list");
    assert_eq!(claims.len(), 1);
}

#[test]
fn markdown_is_a_table_a_spec_whose_text_is_no_markup() {
    let workplace = workplace();
    workplace.run(&["run", "specs/small.toml", "specs/other.toml"]);
    insta::assert_snapshot!("markdown", workplace.run(&["check", "--format", "markdown"]).stdout);
    let list = workplace.run(&["list", "--format", "markdown"]).stdout;
    assert!(list.contains("| other | blunt | undecided | The risk follows its law \\| closely. |"), "{list}");
}

#[test]
fn a_list_is_for_programs_too() {
    let workplace = workplace();
    workplace.run(&["run", "specs/other.toml"]);
    let listed = workplace.run(&["list", "--format", "json"]);
    let claims: Vec<Value> = serde_json::from_str(&listed.stdout).expect("a list");
    let seen: Vec<String> =
        claims.iter().map(|claim| format!("{} {} {}", claim["spec"], claim["claim"], claim["verdict"])).collect();
    assert_eq!(
        seen,
        [
            "\"other\" \"exact\" \"holds\"",
            "\"other\" \"blunt\" \"undecided\"",
            "\"other\" \"wrong\" \"refuted\"",
            "\"small\" \"exact\" \"not run\""
        ]
    );
}
