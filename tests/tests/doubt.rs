//! Numbers that are not what verdicts rest on decide nothing; honest ones that look alike are not suspected.
//!
//! Two sections of continuous draws agree bit for bit with a probability of 10⁻¹⁵ at most, and frequencies of independent replicates
//! are doubted once in 10¹² at most. Surely seen are: two sections with the same numbers; frequencies of which all sections are
//! equal, or whose replicates come in copies of two or more.

mod common;

use common::cli::SMALL;
use common::{edited, parse, simulate_all};
use engine::predict::predict;
use engine::simulate::CellData;
use engine::verdict::{Judgement, judge};
use engine::{Spec, Verdict};

fn judged(spec: &Spec, data: &[CellData]) -> Judgement {
    judge(spec, data, &predict(spec).expect("a law"))
}

/// The reason why the first claim is undecided.
fn reason(judgement: &Judgement) -> &str {
    let claim = &judgement.claims[0];
    assert_eq!((claim.verdict, judgement.replicates_to_decide(claim)), (Verdict::Undecided, None), "{claim:?}");
    claim.failure.as_deref().expect("a reason")
}

#[test]
fn two_sections_of_the_same_numbers_are_enough_to_decide_nothing() {
    let spec = parse("small", SMALL);
    let mut data = simulate_all(&spec);
    assert_eq!(judged(&spec, &data).overall(), Verdict::Holds);
    data[1].sums[40] = data[1].sums[7].clone();
    let judgement = judged(&spec, &data);
    let expected = "cell 1: sections 7 and 40 are the same numbers bit for bit, so they share their random numbers";
    assert_eq!(reason(&judgement), expected);
    // What reads other cells alone is judged.
    assert!(judgement.tests.iter().all(|test| test.doubt.is_some() == (test.cell == 1)));
    assert!(judgement.tests.iter().all(|test| (test.verdict == Verdict::Holds) == (test.cell == 0)));
}

/// What the guard is for: without it these intervals are points, and a wrong law holds by accident.
#[test]
fn one_section_in_the_place_of_all_neither_holds_nor_is_refuted() {
    let spec = parse("small", SMALL);
    let mut data = simulate_all(&spec);
    for cell in &mut data {
        cell.sums = vec![cell.sums[3].clone(); cell.sums.len()];
    }
    let judgement = judged(&spec, &data);
    assert!(reason(&judgement).contains("share their random numbers"));
    assert!(judgement.tests.iter().all(|test| test.estimate.standard_error() == 0.0), "nothing else would show it");
}

#[test]
fn a_path_without_noise_may_be_the_same_in_all_sections() {
    let edits = [
        ("sampling.gaussian.batch_size = 2", "sampling.full_batch = {}"),
        ("scale = \"b / eta\"\n", ""),
        (
            "[[figure]]",
            "[[claim]]\nname = \"falls\"\nsays = \"It falls.\"\nmeasure = \"risk\"\nagainst.at_most.value = \"10\"\n\n[[figure]]",
        ),
    ];
    let spec = parse("still", &edited(SMALL, &edits));
    let data = simulate_all(&spec);
    assert!(data[0].sums.iter().all(|section| *section == data[0].sums[0]));
    assert_eq!(judged(&spec, &data).overall(), Verdict::Holds);
}

/// Signs: the sums of 32 of them have 33 values, which 128 sections must repeat.
#[test]
fn batches_of_finitely_many_kinds_may_repeat_themselves() {
    let edits = [
        ("sampling.gaussian.batch_size = 2", "sampling.iid = { batch_size = 1, population = \"rademacher\" }"),
        ("dimension = 4", "dimension = 1"),
        ("curvature.log_spaced = { from = 1.0, to = 4.0 }", "curvature.diagonal = [1.0]"),
        ("noise.random_spd = { from = 1.0, to = 8.0, trace = 4.0, seed = 1 }", "noise.dense = [[1.0]]"),
        ("horizon.steps = 40\nrecord.logarithmic = 4", "horizon.steps = 1\nrecord.steps = [1]"),
        ("resolution = 0.15", "resolution = 0.5"),
    ];
    let spec = parse("signs", &edited(SMALL, &edits));
    let mut data = simulate_all(&spec);
    let repeated = (1..128).any(|section| data[0].sums[section] == data[0].sums[0]);
    assert!(repeated, "the test needs sections that agree by chance");
    assert!(judged(&spec, &data).tests.iter().all(|test| test.doubt.is_none()));
    // But not all of them.
    data[0].sums = vec![data[0].sums[0].clone(); 128];
    assert!(reason(&judged(&spec, &data)).starts_with("cell 0: all sections are the same numbers"));
}

/// How often the risk is above its mean: 128 sections of 32 replicates.
fn frequencies() -> (Spec, Vec<CellData>) {
    let edits = [
        (
            "observe.quadratic = \"fisher\"\nscale = \"b / eta\"",
            "observe.exceedance = { metric = \"fisher\", above = \"0.1\" }",
        ),
        ("against.exact = { resolution = 0.15 }", "against.at_most.value = \"0.99\"\nat = \"last_record\""),
        ("[[figure]]\nname = \"risk\"\ntitle = \"Risk along the path\"\n", ""),
        ("draw.curves = { measure = \"risk\", x = \"step\", y_label = \"scaled risk\" }\n", ""),
    ];
    let spec = parse("often", &edited(SMALL, &edits));
    let data = simulate_all(&spec);
    (spec, data)
}

#[test]
fn frequencies_that_spread_like_those_of_independent_replicates_are_believed() {
    let (spec, data) = frequencies();
    let judgement = judged(&spec, &data);
    assert_eq!(judgement.overall(), Verdict::Holds, "{judgement:?}");
}

#[test]
fn frequencies_that_are_equal_or_come_in_copies_are_doubted() {
    let (spec, data) = frequencies();
    let equal = |cell: &CellData| CellData { sums: vec![cell.sums[0].clone(); cell.sums.len()], ..cell.clone() };
    let judgement = judged(&spec, &data.iter().map(equal).collect::<Vec<_>>());
    assert!(reason(&judgement).contains("frequencies differ less between sections"), "{:?}", judgement.claims);
    // Every replicate stands there four times: of each quarter of a section only the first is new.
    let copies = |cell: &CellData| {
        let quarter = |sum: &f64, other: &f64| 4.0 * (0.125 * (sum + other)).round().clamp(0.0, 8.0);
        let section = |k: usize| -> Vec<f64> {
            let spread = if k.is_multiple_of(2) { 0.0 } else { 12.0 };
            cell.sums[k].iter().zip(&cell.sums[0]).map(|(a, b)| (quarter(a, b) - spread).clamp(0.0, 32.0)).collect()
        };
        CellData { sums: (0..cell.sums.len()).map(section).collect(), ..cell.clone() }
    };
    let judgement = judged(&spec, &data.iter().map(copies).collect::<Vec<_>>());
    assert!(reason(&judgement).contains("frequencies differ more between sections"), "{:?}", judgement.claims);
}
