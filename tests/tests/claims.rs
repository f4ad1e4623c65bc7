//! Every kind of claim, once where it is true and once where it is false.
//!
//! At 8 192 replicates a risk is known to about ±3.5 % simultaneously, so the true claims have 10 % to spare and the
//! false ones are off by 20 % or more. False-alarm rate of each spec: 10⁻⁴.

mod common;

use common::cli::SMALL;
use common::{edited, parse, simulate_all};
use dynamics::Expectation;
use engine::predict::predict;
use engine::verdict::{Judgement, judge};
use engine::{Spec, Verdict};
use stats::Estimate;

/// The small experiment with an isotropic variant, stationary at its records, and one claim.
fn spec(against: &str, more: &str) -> Spec {
    let claim = format!("against.{against}\n{more}");
    parse(
        "claims",
        &edited(
            SMALL,
            &[
                ("against.exact = { resolution = 0.15 }", &claim),
                ("replicates.count = 4096", "replicates.count = 8192"),
                ("horizon.steps = 40\nrecord.logarithmic = 4", "horizon.steps = 300\nrecord.steps = [100, 200, 300]"),
                (
                    "[sweep.grid]",
                    "[variants.isotropic]\n\"problem.quadratic.noise_shape\" = \"trace_matched_isotropic\"\n\n[sweep.grid]",
                ),
            ],
        ),
    )
}

fn judged(spec: &Spec) -> Judgement {
    judge(spec, &simulate_all(spec), &predict(spec).expect("a law"))
}

#[track_caller]
fn check(against: &str, more: &str, verdict: Verdict) {
    let judgement = judged(&spec(against, more));
    assert_eq!(
        judgement.overall(),
        verdict,
        "{against}: {:?}",
        judgement.claims[0].worst.map(|worst| &judgement.tests[worst])
    );
}

#[test]
fn exact_laws_hold_in_every_variant() {
    check("exact = { resolution = 0.1 }", "", Verdict::Holds);
}

#[test]
fn leading_order_laws_hold_within_their_remainder() {
    check("leading_order = { resolution = 0.1, remainder_at_most = 0.3 }", "", Verdict::Holds);
}

#[test]
fn constants_hold_or_are_refuted() {
    // With F = H the scaled risk tends to ½ tr G as η → 0, and lies between that and 1/(1 − ½ηλ_max) = 1.25 of it.
    check("constant = { value = \"1.12 * trace_G / 2\", resolution = 0.15 }", "", Verdict::Holds);
    check("constant = { value = \"trace_G\", resolution = 0.15 }", "", Verdict::Refuted);
}

#[test]
fn bounds_hold_or_are_refuted() {
    check("at_most = { value = \"1.3 * trace_G / 2\" }", "", Verdict::Holds);
    check("at_most = { value = \"0.8 * trace_G / 2\" }", "", Verdict::Refuted);
    check("at_least = { value = \"0.85 * trace_G / 2\" }", "", Verdict::Holds);
    check("at_least = { value = \"1.3 * trace_G / 2\" }", "", Verdict::Refuted);
}

#[test]
fn slopes_hold_or_are_refuted() {
    // A plateau has slope 0.
    check("slope = { exponent = 0.0, tolerance = 0.1 }", "", Verdict::Holds);
    check("slope = { exponent = -1.0, tolerance = 0.1 }", "", Verdict::Refuted);
}

#[test]
fn a_ratio_of_variants_follows_the_ratio_of_their_laws() {
    check("variant = { name = \"base\", resolution = 0.1 }", "", Verdict::Holds);
}

#[test]
fn a_wrong_ratio_of_variants_is_refuted() {
    let spec = spec("variant = { name = \"base\", resolution = 0.1 }", "");
    let mut predictions = predict(&spec).expect("a law");
    for (prediction, cell) in predictions.iter_mut().zip(&spec.cells) {
        let factor = if spec.variants[cell.variant] == "isotropic" { 1.25 } else { 1.0 };
        prediction.exact.iter_mut().flatten().for_each(|law| *law = Expectation::relative(factor * law.value));
    }
    assert_eq!(judge(&spec, &simulate_all(&spec), &predictions).overall(), Verdict::Refuted);
}

/// The same with a second measure, the squared distance, to compare the risk with.
fn spec_of_two(against: &str, more: &str) -> Spec {
    let two = "[[measure]]\nname = \"distance\"\nobserve.quadratic = \"identity\"\n\n[[claim]]";
    let claim = format!("against.{against}\n{more}");
    parse(
        "claims",
        &edited(
            SMALL,
            &[
                ("against.exact = { resolution = 0.15 }", &claim),
                ("replicates.count = 4096", "replicates.count = 8192"),
                ("horizon.steps = 40\nrecord.logarithmic = 4", "horizon.steps = 300\nrecord.steps = [100, 200, 300]"),
                ("[[claim]]", two),
            ],
        ),
    )
}

#[track_caller]
fn check_two(against: &str, verdict: Verdict) {
    let judgement = judged(&spec_of_two(against, ""));
    assert_eq!(judgement.overall(), verdict, "{against}");
}

#[test]
fn a_ratio_of_measures_follows_the_ratio_of_their_laws() {
    check_two("measure = { name = \"distance\", resolution = 0.1 }", Verdict::Holds);
    check_two("measure = { name = \"distance\", resolution = 0.2, law = \"limit\" }", Verdict::Holds);
    // The scale b/η alone makes them differ.
    check_two("measure = { name = \"distance\", resolution = 0.1, law = \"equal\" }", Verdict::Refuted);
}

#[test]
fn a_wrong_law_of_either_measure_refutes_their_ratio() {
    let spec = spec_of_two("measure = { name = \"distance\", resolution = 0.1 }", "");
    let data = simulate_all(&spec);
    for wrong in 0..2 {
        let mut predictions = predict(&spec).expect("a law");
        for (prediction, cell) in predictions.iter_mut().zip(&spec.cells) {
            for n in 0..cell.recorded.len() {
                let law = &mut prediction.exact[spec.row(cell, wrong, 0, n)];
                *law = law.map(|law| Expectation::relative(1.25 * law.value));
            }
        }
        assert_eq!(judge(&spec, &data, &predictions).overall(), Verdict::Refuted, "measure {wrong}");
    }
}

#[test]
fn a_ratio_of_measures_without_a_law_is_not_decided() {
    let spec = spec_of_two("measure = { name = \"distance\", resolution = 0.1 }", "");
    let data = simulate_all(&spec);
    for missing in 0..2 {
        let mut predictions = predict(&spec).expect("a law");
        for (prediction, cell) in predictions.iter_mut().zip(&spec.cells) {
            let rows: Vec<usize> = (0..cell.recorded.len()).map(|n| spec.row(cell, missing, 0, n)).collect();
            rows.into_iter().for_each(|row| prediction.exact[row] = None);
        }
        let judgement = judge(&spec, &data, &predictions);
        assert_ne!(judgement.overall(), Verdict::Holds);
        assert!(judgement.tests.iter().all(|test| matches!(test.estimate, Estimate::Missing)), "measure {missing}");
    }
}

#[test]
fn a_ratio_of_measures_is_bounded() {
    // ½eᵀHe·(b/η) lies between the smallest and the largest curvature, 1 and 4, times |e|²·(b/η).
    check_two("measure_at_most = { name = \"distance\", value = \"4 * b / eta\" }", Verdict::Holds);
    check_two("measure_at_least = { name = \"distance\", value = \"b / eta\" }", Verdict::Holds);
    check_two("measure_at_most = { name = \"distance\", value = \"b / eta\" }", Verdict::Refuted);
    check_two("measure_at_least = { name = \"distance\", value = \"4 * b / eta\" }", Verdict::Refuted);
}

#[test]
fn a_slope_over_the_curvature_is_that_of_the_components() {
    // G = H: the plateau of (uᵀe)² is η/(2 − ηh)·(1/b), the same along all directions up to ηh/2 ≤ 20 %.
    let directions = |of: &str, against: &str| {
        let text = edited(
            SMALL,
            &[
                ("against.exact = { resolution = 0.15 }", against),
                (
                    "noise.random_spd = { from = 1.0, to = 8.0, trace = 4.0, seed = 1 }",
                    "noise.log_spaced = { from = 1.0, to = 4.0 }",
                ),
                ("horizon.steps = 40\nrecord.logarithmic = 4", "horizon.steps = 300\nrecord.steps = [300]"),
                ("observe.quadratic = \"fisher\"", &format!("observe.directional = {{ of = \"{of}\", top = 4 }}")),
            ],
        );
        judged(&parse("claims", &text)).overall()
    };
    let slope = |exponent: f64| {
        format!("against.slope = {{ exponent = {exponent:?}, tolerance = 0.25, over_curvature = true }}")
    };
    for of in ["curvature", "coordinates"] {
        assert_eq!(directions(of, &slope(0.1)), Verdict::Holds);
        assert_eq!(directions(of, &slope(1.0)), Verdict::Refuted);
    }
}

#[test]
fn common_random_numbers_sharpen_a_ratio_of_variants() {
    let paired = judged(&spec("variant = { name = \"base\", resolution = 0.1 }", ""));
    let alone = judged(&spec("exact = { resolution = 0.1 }", ""));
    for (ratio, own) in paired.tests.iter().zip(&alone.tests) {
        // Independent variants would have √2 times the error of one.
        assert!(ratio.estimate.standard_error() < 1.2 * own.estimate.standard_error());
    }
}

#[test]
fn a_claim_about_one_variant_is_tested_there_only() {
    let spec = spec("exact = { resolution = 0.1 }", "variant = \"isotropic\"\nat = \"last_record\"");
    let judgement = judged(&spec);
    assert_eq!(judgement.tests.len(), 2);
    assert!(judgement.tests.iter().all(|test| spec.variants[spec.cells[test.cell].variant] == "isotropic"));
}

#[test]
fn an_undecided_claim_names_replicates_that_do_decide_it() {
    let with = |replicates: u64| {
        let count = format!("replicates.count = {replicates}");
        parse(
            "claims",
            &edited(SMALL, &[("resolution = 0.15", "resolution = 0.04"), ("replicates.count = 4096", &count)]),
        )
    };
    let judgement = judged(&with(4_096));
    assert_eq!(judgement.overall(), Verdict::Undecided);
    let wanted = judgement.tests.iter().filter_map(|test| test.replicates_to_decide).max().expect("a number");
    assert_eq!(judged(&with(wanted)).overall(), Verdict::Holds, "{wanted} were named");
}

#[test]
fn variants_that_record_different_steps_cannot_be_compared() {
    let text = edited(
        SMALL,
        &[
            ("against.exact = { resolution = 0.15 }", "against.variant = { name = \"base\", resolution = 0.1 }"),
            ("[sweep.grid]", "[variants.longer]\n\"process.sgd.horizon.steps\" = 80\n\n[sweep.grid]"),
        ],
    );
    let error = Spec::parse("claims", "specs/claims.toml", &text, None).expect_err("different steps").to_string();
    assert!(error.contains("record different steps"), "{error}");
}

#[test]
fn an_experiment_that_does_not_fit_into_memory_is_refused() {
    let text = edited(
        SMALL,
        &[
            ("horizon.steps = 40\nrecord.logarithmic = 4", "horizon.steps = 100000\nrecord.linear = 100000"),
            (
                "[0.1, 0.05]",
                &format!(
                    "[{}]",
                    (1..=200).map(|i| format!("{}", f64::from(i) / 1000.0)).collect::<Vec<_>>().join(", ")
                ),
            ),
        ],
    );
    let error = Spec::parse("claims", "specs/claims.toml", &text, None).expect_err("too large").to_string();
    assert!(error.contains("GB: at most 16"), "{error}");
}

#[test]
fn a_recorded_finding_should_be_refuted() {
    let found = |against: &str, finding: &str| {
        let judgement = judged(&spec(against, finding));
        (judgement.overall(), judgement.claims[0].verdict, judgement.findings())
    };
    let finding = "finding = \"It is ten times as much.\"";
    let (right, wrong) = ("exact = { resolution = 0.15 }", "at_most.value = \"1e-6\"");
    assert_eq!(found(wrong, ""), (Verdict::Refuted, Verdict::Refuted, 0));
    assert_eq!(found(wrong, finding), (Verdict::Holds, Verdict::Refuted, 1));
    assert_eq!(found(right, finding), (Verdict::Refuted, Verdict::Holds, 1));
}
