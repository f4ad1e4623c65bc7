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
    // With F = H the scaled risk tends to ½ tr G, up to ηλ_max/4 ≤ 10 % above.
    check("constant = { value = \"1.05 * trace_G / 2\", resolution = 0.15 }", "", Verdict::Holds);
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
