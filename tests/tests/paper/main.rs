//! Every spec at a reduced size: its claims hold, and each break of its theory is refuted.
//!
//! A reduced spec keeps its claims with resolutions that follow from its size, as its edits say; the false-alarm rate of
//! each is its own `family_wise_error`, 10⁻⁴. A break is larger than twice the resolution, so it is refuted with more
//! than 99 % probability; its seed is fixed, so it stays so.

#[path = "../common/mod.rs"]
mod common;

mod alignment;
mod escape;
mod limits;
mod noise_curvature;
mod rates;
mod sampling;

use std::path::{Path, PathBuf};

use engine::predict::predict;
use engine::report::verdicts::lines;
use engine::simulate::CellData;
use engine::verdict::{Judgement, judge};
use engine::{Spec, Verdict};

use common::{predict_with_theory_of, simulate_all};

/// Passages of a spec, each of which occurs, and what replaces them.
type Edits = &'static [(&'static str, &'static str)];

/// A spec, how it is reduced, and what must not go unnoticed.
struct Case {
    /// Its path below the folder of specs, without the ending.
    spec: &'static str,
    reduced: Edits,
    breaks: &'static [Break],
}

/// What is wrong, the claim that must refute it, and the edits that make it so.
enum Break {
    /// The laws are those of the edited spec.
    Theory(&'static str, &'static str, Edits),
    /// The simulation is that of the edited spec.
    Simulation(&'static str, &'static str, Edits),
    /// The claims are those of the edited spec.
    Claim(&'static str, &'static str, Edits),
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

/// A spec that must be valid; it names data from where it stands.
fn parse(place: &str, text: &str) -> Spec {
    let name = place.rsplit('/').next().unwrap_or(place);
    let file = folder().join(format!("{place}.toml"));
    Spec::parse(name, &file.display().to_string(), text, None).unwrap_or_else(|error| panic!("{error}"))
}

fn edited(name: &str, text: &str, edits: Edits) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{name}: the spec does not contain {from:?}");
        text.replace(from, to)
    })
}

fn verdict(spec: &Spec, judgement: &Judgement, claim: &str) -> Verdict {
    let index = spec.claims.iter().position(|candidate| candidate.name == claim);
    judgement.claims[index.unwrap_or_else(|| panic!("{} has no claim {claim}", spec.name))].verdict
}

/// Runs the cases and names all that went wrong.
fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let path = folder().join(format!("{}.toml", case.spec));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // What is recorded as refuted is so at full size; a case moves the band of such a claim.
        let text: String =
            text.lines().filter(|line| !line.starts_with("finding = ")).flat_map(|line| [line, "\n"]).collect();
        let text = edited(case.spec, &text, case.reduced);
        let spec = parse(case.spec, &text);
        let data = simulate_all(&spec);
        let judgement = judge(&spec, &data, &predict(&spec).expect("a law"));
        let table: Vec<String> = lines(&spec, &judgement).iter().map(|line| line.columns().join(" | ")).collect();
        insta::assert_snapshot!(format!("{}-verdicts", case.spec.replace('/', "-")), table.join("\n"));
        for claim in &spec.claims {
            let verdict = verdict(&spec, &judgement, &claim.name);
            if verdict != Verdict::Holds {
                wrong.push(format!("{}: {} is {}", case.spec, claim.name, verdict.word()));
            }
        }
        for broken in case.breaks {
            let (what, claim, verdict) = judged(case.spec, &spec, &text, &data, broken);
            if verdict != Verdict::Refuted {
                wrong.push(format!("{}: {what}: {claim} is {}, not refuted", case.spec, verdict.word()));
            }
        }
        if case.breaks.is_empty() {
            wrong.push(format!("{}: nothing is broken on purpose", case.spec));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judged(
    place: &str,
    spec: &Spec,
    text: &str,
    data: &[CellData],
    broken: &Break,
) -> (&'static str, &'static str, Verdict) {
    let other = |edits: Edits| parse(place, &edited(place, text, edits));
    match broken {
        Break::Theory(what, claim, edits) => {
            let judgement = judge(spec, data, &predict_with_theory_of(spec, &other(edits)));
            (what, claim, verdict(spec, &judgement, claim))
        }
        Break::Simulation(what, claim, edits) => {
            let judgement = judge(spec, &simulate_all(&other(edits)), &predict(spec).expect("a law"));
            (what, claim, verdict(spec, &judgement, claim))
        }
        Break::Claim(what, claim, edits) => {
            let other = other(edits);
            let judgement = judge(&other, data, &predict(&other).expect("a law"));
            (what, claim, verdict(&other, &judgement, claim))
        }
    }
}

#[test]
fn every_spec_is_broken_on_purpose() {
    let cases = [sampling::CASES, limits::CASES, rates::CASES, noise_curvature::CASES, alignment::CASES, escape::CASES];
    let mut known: Vec<&str> = cases.into_iter().flatten().map(|case| case.spec).collect();
    known.sort_unstable();
    let mut specs = Vec::new();
    collect(&folder(), "", &mut specs);
    // exp6 has a suite of its own, in broken_theory.rs.
    specs.retain(|place| place != "exp6");
    specs.sort_unstable();
    assert_eq!(known, specs);
}

/// The specs in a folder and in those below it, by their paths without the ending.
fn collect(folder: &Path, place: &str, specs: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a plain name");
        let below = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
        if entry.path().is_dir() {
            collect(&entry.path(), &below, specs);
        }
        specs.extend(below.strip_suffix(".toml").map(str::to_owned));
    }
}
