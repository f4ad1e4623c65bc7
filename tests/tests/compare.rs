//! What moved between two results: the command line, the matching of rows, and the error rates of the comparison.

mod common;

use common::cli::{SMALL, Workplace};
use common::edited;
use engine::compare::{Comparison, Draws, Quantity};
use engine::store::Results;
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};
use stats::welch::{Measured, p_apart};
use stats::{Sample, holm};

/// A workplace whose small spec has been run and accepted.
fn accepted() -> Workplace {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    let accepted = workplace.run(&["accept", "specs/small.toml"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.stderr);
    workplace
}

fn results(workplace: &Workplace, folder: &str) -> Results {
    Results::read(&workplace.path(folder)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn results_are_identical_to_their_baseline() {
    let workplace = accepted();
    insta::assert_snapshot!("identical", workplace.run(&["diff", "specs/small.toml"]).seen());
    assert_eq!(workplace.run(&["diff", "reports/small"]).code, Some(0));
    assert_eq!(workplace.run(&["diff", "reports/small/baseline", "reports/small"]).code, Some(0));
}

#[test]
fn another_seed_moves_nothing() {
    let workplace = accepted();
    workplace.run(&["run", "specs/small.toml", "--seed", "7"]);
    insta::assert_snapshot!("seeds", workplace.run(&["diff", "reports/small", "reports/small-seed7"]).seen());
}

#[test]
fn what_an_edit_moves_is_shown_farthest_first() {
    let workplace = accepted();
    let edits = [("trace = 4.0", "trace = 4.8"), ("resolution = 0.15", "resolution = 0.01")];
    workplace.write("specs/small.toml", &edited(SMALL, &edits));
    workplace.run(&["run", "specs/small.toml"]);
    insta::assert_snapshot!("moved", workplace.run(&["diff", "specs/small.toml"]).seen());
    let markdown = workplace.run(&["diff", "specs/small.toml", "--format", "markdown"]).stdout;
    assert!(markdown.contains("| exact | holds | undecided |"), "{markdown}");
    let json = workplace.run(&["diff", "specs/small.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((&json["same_text"], &json["draws"]), (&false.into(), &"same_seed".into()));
    assert_eq!(json["verdicts"][0]["after"], "undecided");
    assert!(json["values"].as_array().is_some_and(|values| values.len() > 20 || !values.is_empty()));
}

#[test]
fn cells_are_matched_by_what_they_are() {
    let workplace = accepted();
    // The order of the sweep is another one, with a cell more, and a measure more.
    let measure = "[[measure]]\nname = \"distance\"\nobserve.quadratic = \"identity\"\n\n[[claim]]";
    let sweep = "[0.05, 0.025, 0.1]";
    workplace.write("specs/small.toml", &edited(SMALL, &[("[0.1, 0.05]", sweep), ("[[claim]]", measure)]));
    workplace.run(&["run", "specs/small.toml"]);
    let comparison =
        Comparison::new(&results(&workplace, "reports/small/baseline"), &results(&workplace, "reports/small"), 1e-4)
            .expect("comparable");
    // Another measure makes another cell of it, but the draws are those of the same streams: nothing may move.
    assert_eq!((comparison.n_identical, comparison.draws), (comparison.n_values, Draws::SameSeed));
    assert!(!comparison.has_moved() && comparison.only_before.is_empty(), "{comparison:?}");
    assert_eq!(comparison.only_after, ["the measure distance", "the cell η = 0.025"]);
}

#[test]
fn a_code_that_changes_numbers_is_caught_in_the_last_bit() {
    let workplace = accepted();
    let before = results(&workplace, "reports/small");
    let mut after = before.clone();
    after.values[3].estimate = f64::from_bits(after.values[3].estimate.to_bits() + 1);
    let comparison = Comparison::new(&before, &after, 1e-4).expect("comparable");
    assert_eq!((comparison.measured(), comparison.n_identical), (1, before.values.len() - 1));
    assert!(comparison.change_of_code().is_some_and(|relative| (1e-17..1e-15).contains(&relative)));
    // A law may differ by rounding, but by no more.
    for (factor, moved) in [(1.0 + 1e-12, 0), (1.0 + 1e-8, 1)] {
        let mut after = before.clone();
        after.values[3].exact = after.values[3].exact.map(|law| law * factor);
        let comparison = Comparison::new(&before, &after, 1e-4).expect("comparable");
        let laws = comparison.values.iter().filter(|value| value.quantity == Quantity::Exact).count();
        assert_eq!((laws, comparison.values.len()), (moved, moved));
    }
    let mut after = before.clone();
    after.values[3].limit = None;
    assert_eq!(Comparison::new(&before, &after, 1e-4).expect("comparable").values.len(), 1, "a law got lost");
}

#[test]
fn a_value_that_diverges_has_moved() {
    let workplace = accepted();
    workplace.run(&["run", "specs/small.toml", "--seed", "7"]);
    let (before, mut after) = (results(&workplace, "reports/small"), results(&workplace, "reports/small-seed7"));
    (after.values[0].estimate, after.values[0].standard_error) = (f64::NAN, f64::NAN);
    let comparison = Comparison::new(&before, &after, 1e-4).expect("comparable");
    assert_eq!((comparison.measured(), comparison.draws), (1, Draws::Independent));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let workplace = Workplace::with("small", SMALL);
    workplace.write("specs/other.toml", SMALL);
    let nothing = workplace.run(&["diff", "specs/small.toml"]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
    workplace.run(&["run", "specs/small.toml", "specs/other.toml"]);
    let no_baseline = workplace.run(&["diff", "specs/small.toml"]);
    assert_eq!(no_baseline.code, Some(3));
    assert!(no_baseline.stderr.contains("has no baseline: make one with cargo xtask accept"), "{}", no_baseline.stderr);
    let two = workplace.run(&["diff", "reports/small", "reports/other"]);
    assert_eq!(two.code, Some(2));
    assert!(two.stderr.contains("two specs, small and other"), "{}", two.stderr);
    std::fs::write(workplace.path("reports/small/cells.parquet"), b"nonsense").expect("writable");
    assert_eq!(workplace.run(&["diff", "reports/small", "reports/small"]).code, Some(4));
}

#[test]
fn stale_missing_and_damaged_results_are_not_accepted() {
    let workplace = accepted();
    let baseline = workplace.contents("reports/small/baseline");
    assert_eq!(baseline.keys().collect::<Vec<_>>(), ["cells.parquet", "claims.parquet", "manifest.toml"]);
    workplace.write("specs/small.toml", &edited(SMALL, &[("resolution = 0.15", "resolution = 0.2")]));
    let stale = workplace.run(&["accept", "specs/small.toml"]);
    assert_eq!(stale.code, Some(3));
    assert!(stale.stderr.contains("another text of this spec"), "{}", stale.stderr);
    workplace.write("specs/small.toml", SMALL);
    workplace.write("specs/missing.toml", SMALL);
    assert_eq!(workplace.run(&["accept", "specs/missing.toml"]).code, Some(3));
    assert!(!workplace.path("reports/missing").exists(), "a refusal leaves nothing behind");
    std::fs::write(workplace.path("reports/small/cells.parquet"), b"nonsense").expect("writable");
    assert_eq!(workplace.run(&["accept", "specs/small.toml"]).code, Some(4));
    assert!(baseline == workplace.contents("reports/small/baseline"), "the baseline is the one before");
}

#[test]
fn a_baseline_disturbs_nothing_and_is_not_disturbed() {
    let workplace = accepted();
    let baseline = workplace.contents("reports/small/baseline");
    assert_eq!(workplace.run(&["check"]).code, Some(0));
    assert_eq!(workplace.run(&["report"]).code, Some(0));
    assert_eq!(workplace.run(&["list"]).code, Some(0));
    assert_eq!(workplace.run(&["run", "specs/small.toml", "--force"]).code, Some(0));
    assert!(baseline == workplace.contents("reports/small/baseline"));
    assert_eq!(workplace.run(&["diff", "specs/small.toml"]).code, Some(0));
    // Results of a spec small/baseline.toml stand where the baseline of small.toml would.
    std::fs::create_dir(workplace.path("specs/small")).expect("a folder");
    workplace.write("specs/small/baseline.toml", SMALL);
    workplace.run(&["run", "specs/small/baseline.toml"]);
    let taken = workplace.run(&["accept", "specs/small.toml"]);
    assert_eq!(taken.code, Some(4));
    assert!(taken.stderr.contains("no baseline can stand there"), "{}", taken.stderr);
}

/// Where two folders can be exchanged, one of the two baselines stands there at any moment.
#[cfg(target_os = "linux")]
#[test]
fn a_baseline_is_replaced_in_one_step() {
    let workplace = accepted();
    std::fs::create_dir(workplace.path("reports/small/.tmp-left")).expect("a folder");
    let manifest = workplace.path("reports/small/baseline/manifest.toml");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut looks = 0_u64;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                assert!(manifest.exists(), "no baseline after {looks} looks");
                looks += 1;
            }
            looks
        });
        for _ in 0..10 {
            assert_eq!(workplace.run(&["accept", "specs/small.toml"]).code, Some(0));
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(watcher.join().expect("always a baseline") > 100);
    });
    let left = workplace.contents("reports/small");
    assert!(left.keys().all(|name| !name.contains(".tmp-")) && !workplace.path("reports/small/.tmp-left").exists());
}

/// Means of K sections of `n` squared normals each, as skewed as what is measured.
fn measured(stream: &mut Stream, sections: usize, n: usize) -> Measured {
    let mut normals = vec![0.0; sections * n];
    fill_normals(stream, &mut normals);
    let means: Vec<f64> = normals.chunks(n).map(|z| z.iter().map(|z| z * z).sum::<f64>() / n as f64).collect();
    let Sample { mean, standard_error, .. } = Sample::new(&means);
    Measured { mean, standard_error, sections: sections as u64 }
}

fn stream(block: u64) -> Stream {
    Stream::new(StreamKey { seed: 11, cell: "comparison", block, purpose: Purpose::Noise })
}

/// 2 000 families of 20 values, of which nothing has moved: with 128 sections on one side and 200 on the other, at a
/// family-wise error of 0.05. By independence the rate is 1 − (1 − 0.05/20)²⁰ = 0.0488 (Holm's first step is Bonferroni's).
/// Bounds of 5.2 standard deviations have a false-alarm rate of 2·10⁻⁷.
#[test]
fn values_that_have_not_moved_are_said_to_as_often_as_stated() {
    let (families, m) = (2_000_u64, 20);
    let mut stream = stream(0);
    let alarm = |_: &u64| {
        let pair = |stream: &mut Stream| p_apart(&measured(stream, 128, 8), &measured(stream, 200, 8));
        let p_values: Vec<f64> = (0..m).map(|_| pair(&mut stream)).collect();
        holm(&p_values, 0.05).contains(&true)
    };
    let count = (0..families).filter(alarm).count() as f64;
    let (mean, deviation) = (0.0488 * families as f64, (0.0488 * 0.9512 * families as f64).sqrt());
    println!("{count} false alarms in {families} families, expected {mean}");
    assert!((count - mean).abs() < 5.2 * deviation, "{count} false alarms in {families} families, expected {mean}");
}

/// Far in the tail, at a stated error of 10⁻³ a value, 100 of 100 000 should be alarms; the count is Poisson, so [52, 160]
/// has a false-alarm rate below 10⁻⁶. For a dozen models against eight, with normal readings of which one side spreads three
/// times as far, the bound on the degrees of freedom makes it 43 (of 2·10⁶: 0.43 of what is stated), so [12, 80]; with
/// Satterthwaite's it would be 163.
#[test]
fn the_tail_of_the_comparison_is_as_stated() {
    let mut stream = stream(1);
    let squares =
        (0..100_000).filter(|_| p_apart(&measured(&mut stream, 128, 8), &measured(&mut stream, 200, 8)) < 1e-3).count();
    let mut few = |sections: usize, spread: f64| {
        let mut normals = vec![0.0; sections];
        fill_normals(&mut stream, &mut normals);
        let Sample { mean, standard_error, .. } =
            Sample::new(&normals.iter().map(|z| 1.0 + spread * z).collect::<Vec<_>>());
        Measured { mean, standard_error, sections: sections as u64 }
    };
    let models = (0..100_000).filter(|_| p_apart(&few(8, 0.3), &few(12, 0.1)) < 1e-3).count();
    println!("{squares} alarms for squares, {models} for few models; 100 each were stated");
    assert!((52..=160).contains(&squares) && (12..=80).contains(&models), "{squares} and {models} of 100 stated");
}

/// Among 456 values (as many as experiment 6 has), at the default error of 10⁻⁴, one that has moved by 8 standard errors of
/// the difference is caught with a chance of 0.995 or more: Holm's first threshold is 2.2·10⁻⁷, 5.3 standard errors. Of 1 000
/// such families at most 5 would be missed on average; 20 or more have a chance of 2·10⁻⁷.
#[test]
fn a_value_that_has_moved_is_caught() {
    let mut stream = stream(2);
    let missed = (0..1_000)
        .filter(|_| {
            let before = measured(&mut stream, 214, 8);
            let mut after = measured(&mut stream, 214, 8);
            after.mean += 8.0 * libm::hypot(before.standard_error, after.standard_error);
            let mut p_values = vec![1.0; 455];
            p_values.push(p_apart(&before, &after));
            !holm(&p_values, 1e-4)[455]
        })
        .count();
    println!("{missed} of 1000 shifts of 8 standard errors missed");
    assert!(missed < 20, "{missed} of 1000 shifts of 8 standard errors missed");
}
