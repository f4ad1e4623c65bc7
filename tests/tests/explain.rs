//! Explanations: that what they say of laws stands where they say, that it is what the judge does, and that it is readable.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::cli::{SMALL, Workplace};
use common::valid::valid_specs;
use common::{edited, parse, simulate_all};
use dynamics::{DynamicsError, Law, Source};
use engine::predict::predict;
use engine::report::explain::{Stored, explain};
use engine::spec::Outline;
use engine::verdict::judge;
use engine::{Spec, Verdict};

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent")
}

/// The documentation comments of a file, as one line.
fn documentation(file: &str) -> String {
    let text = std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let comment = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix("//!").or_else(|| line.strip_prefix("///")).map(str::to_owned)
    };
    let words = text.lines().filter_map(comment).collect::<Vec<_>>().join(" ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_law_that_is_known_says_where_it_stands() {
    let mut sources: BTreeSet<Source> = BTreeSet::new();
    for text in valid_specs() {
        for cell in parse("some", &text).cells {
            let process = &cell.process;
            let is_known = |law: Result<_, DynamicsError>| law.is_ok();
            for (law, is_known) in [
                (Law::Exact, is_known(process.exact(&cell.recorded))),
                (Law::Limit, is_known(process.limit(&cell.recorded))),
            ] {
                let source = process.source(law);
                assert!(source.is_some() || !is_known, "{process:?} does not say where its law {law:?} stands");
                sources.extend(source);
            }
            sources.extend(process.source(Law::AcrossTime));
            sources.extend(process.source(Law::LeadingOrder));
        }
    }
    let files: BTreeSet<&str> = sources.iter().map(|source| source.file).collect();
    assert!(files.len() >= 14, "the valid specs should have all processes: {files:?}");
    for Source { formula, statement, file } in sources {
        let documentation = documentation(file);
        for part in formula.iter().copied().chain(statement.split("; ")) {
            assert!(documentation.contains(part), "{file} does not say {part:?}");
        }
    }
}

/// A spec with a claim for each kind of interval.
fn five_kinds() -> String {
    let more = r#"
[variants.inflated]
sampling = { inflated = { batch_size = 2, inflation = 0.5 } }

[[measure]]
name = "rare"
observe.exceedance = { metric = "curvature", above = "4 * tau" }

[[measure]]
name = "shape"
observe.distribution = { of = "curvature", index = 1, points = 9, variance = "exact" }

[[claim]]
name = "ratio"
says = "The ratio of the variants is that of their laws."
measure = "risk"
at = "last_record"
against.variant = { name = "base", resolution = 0.2 }

[[claim]]
name = "slope"
says = "The risk grows with the step size."
measure = "risk"
against.slope = { over = "eta", exponent = 0.0, tolerance = 2.0 }

[[claim]]
name = "frequency"
says = "Large losses are rare."
measure = "rare"
at = "last_record"
against.at_most = { value = "0.9" }

[[claim]]
name = "normal"
says = "The last iterate is normal."
measure = "shape"
at = "last_record"
against.normal = { distance_at_most = 0.2 }

[[figure]]"#;
    edited(SMALL, &[("[[figure]]", more)])
}

/// The outline and the spec of a text.
fn read(text: &str) -> (Outline, Spec) {
    let workplace = Workplace::with("five", text);
    let outline = Outline::load(&workplace.path("specs/five.toml")).unwrap_or_else(|error| panic!("{error}\n{text}"));
    (outline, parse("five", text))
}

#[test]
fn what_is_said_of_tests_and_intervals_is_what_the_judge_does() {
    let (outline, spec) = read(&five_kinds());
    let judgement = judge(&spec, &simulate_all(&spec), &predict(&spec).expect("a law"));
    let mut methods = BTreeSet::new();
    for (claim, judged) in spec.claims.iter().zip(&judgement.claims) {
        let text = explain(&outline, &spec, &Stored::NotRun, Some(&claim.name)).expect("a claim");
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = format!("gives {} of the spec's {} tests", judged.tests.len(), judgement.tests.len());
        assert!(flat.contains(&said), "{said}\n{text}");
        for test in &judgement.tests[judged.tests.clone()] {
            let method = test.estimate.method().expect("a number");
            methods.insert(method.words(spec.layout.sections));
            assert!(flat.contains(method.words(spec.layout.sections)), "{method:?}\n{text}");
            assert!(root().join(method.file()).is_file());
        }
    }
    assert_eq!(methods.len(), 5, "all kinds of intervals");
}

#[test]
fn every_valid_claim_is_explained_within_a_hundred_columns() {
    for text in valid_specs() {
        let (outline, spec) = read(&text);
        for name in spec.claims.iter().map(|claim| Some(claim.name.as_str())).chain([None]) {
            let text = explain(&outline, &spec, &Stored::NotRun, name).expect("a claim");
            let is_broken = |line: &&str| line.starts_with("    ") || line.chars().count() <= 100;
            assert_eq!(text.lines().find(|line| !is_broken(line)), None, "{text}");
            let flat: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
            let is_small = |end: &&[char]| end[0] == '.' && end[1] == ' ' && end[2].is_ascii_lowercase();
            assert!(
                name.is_none() || !flat.windows(3).any(|end| is_small(&end)),
                "a sentence with a small first letter in\n{text}"
            );
            for hole in ["``", ": ,", ": .", "()", "NaN", " inf ", ": ;", " . "] {
                assert!(!text.contains(hole), "{hole:?} in\n{text}");
            }
        }
    }
}

#[test]
fn a_claim_is_explained_before_and_after_its_run() {
    let workplace = Workplace::with("small", SMALL);
    insta::assert_snapshot!("before", workplace.run(&["explain", "specs/small.toml", "exact"]).seen());
    workplace.run(&["run", "specs/small.toml"]);
    let before = workplace.contents("reports");
    insta::assert_snapshot!("after", workplace.run(&["explain", "specs/small.toml", "exact"]).seen());
    insta::assert_snapshot!("all", workplace.run(&["explain", "specs/small.toml"]).seen());
    assert!(before == workplace.contents("reports"), "to explain is not to write");
}

#[test]
fn undecided_and_refuted_claims_say_how_far_they_are() {
    let workplace = Workplace::with("blunt", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.01")]));
    workplace.run(&["run", "specs/blunt.toml"]);
    insta::assert_snapshot!("undecided", workplace.run(&["explain", "specs/blunt.toml", "exact"]).seen());
    let claim = "against.constant = { value = \"2 * trace_G\", resolution = 0.15 }\nat = \"last_record\"\n\
                 finding = \"It is half of that.\"";
    workplace.write("specs/wrong.toml", &edited(SMALL, &[("against.exact = { resolution = 0.15 }", claim)]));
    workplace.run(&["run", "specs/wrong.toml"]);
    insta::assert_snapshot!("refuted", workplace.run(&["explain", "specs/wrong.toml", "exact"]).seen());
}

#[test]
fn a_claim_that_is_not_made_is_answered_with_the_nearest() {
    let workplace = Workplace::with("small", SMALL);
    let near = workplace.run(&["explain", "specs/small.toml", "exakt"]);
    assert_eq!((near.code, near.stdout.as_str()), (Some(2), ""));
    assert_eq!(near.stderr, "error: small makes no claim `exakt`\n  = help: did you mean `exact`?\n");
    let far = workplace.run(&["explain", "specs/small.toml", "zzzzzz"]);
    assert!(far.stderr.ends_with("= help: its claims are exact\n"), "{}", far.stderr);
}

#[test]
fn stale_and_damaged_results_are_not_explained() {
    let workplace = Workplace::with("small", SMALL);
    workplace.run(&["run", "specs/small.toml"]);
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.2")]));
    let stale = workplace.run(&["explain", "specs/small.toml", "exact"]);
    assert_eq!(stale.code, Some(0));
    assert!(stale.stdout.contains("exact: not run") && stale.stdout.contains("another text of this spec"));
    assert!(!stale.stdout.contains(Verdict::Holds.word()) || !stale.stdout.contains("The verdict:"));
    workplace.write("specs/small.toml", SMALL);
    std::fs::write(workplace.path("reports/small/claims.parquet"), b"nonsense").expect("writable");
    let damaged = workplace.run(&["explain", "specs/small.toml", "exact"]);
    assert_eq!(damaged.code, Some(4));
    assert!(damaged.stderr.contains("claims.parquet is corrupt"), "{}", damaged.stderr);
    assert!(damaged.stdout.contains("exact: not run"), "what would be tested is still said");
}
