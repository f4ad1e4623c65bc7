//! Failures of numbers and of ours are data: what failed is named, the rest goes on, and no claim on it holds.

mod common;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use common::cli::{SMALL, Workplace};
use common::{edited, parse};
use dynamics::frame::Frame;
use dynamics::process::{BlockStreams, Observe};
use dynamics::{DynamicsError, Moments, Process};
use engine::progress::Quiet;
use engine::{Bounds, EngineError, RunOptions};
use polars::prelude::*;

/// A process that panics as soon as it is simulated.
#[derive(Debug)]
struct Panics(Arc<dyn Process>);

impl Process for Panics {
    fn frame(&self) -> &Frame {
        self.0.frame()
    }

    fn lanes(&self) -> usize {
        self.0.lanes()
    }

    fn simulate(&self, _: BlockStreams, _: &[u64], _: Observe<'_>) {
        panic!("injected");
    }

    fn time(&self, step: u64) -> f64 {
        self.0.time(step)
    }

    fn exact(&self, steps: &[u64]) -> Result<Vec<Moments>, DynamicsError> {
        self.0.exact(steps)
    }
}

#[test]
fn a_panic_in_one_cell_leaves_the_others_stored_and_names_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let options =
        RunOptions { out: folder.path().join("small"), force: false, threads: Some(2), bounds: Bounds::Usual };
    let whole = parse("small", SMALL);
    let mut broken = parse("small", SMALL);
    broken.cells[1].process = Arc::new(Panics(Arc::clone(&broken.cells[1].process)));
    let error = engine::run(&broken, &options, &AtomicBool::new(false), &Quiet).expect_err("it panics");
    assert!(matches!(&error, EngineError::Panicked { cells, .. } if *cells == [1]), "{error}");
    assert!(error.to_string().contains("replay specs/small.toml --cell 1 --block 0"), "{error}");
    assert!(!options.out.join("manifest.toml").exists());
    let outcome = engine::run(&whole, &options, &AtomicBool::new(false), &Quiet).expect("a run");
    assert_eq!(outcome.simulated, 1, "the other cell is stored");
}

/// One cell starts so far away that its squares overflow.
fn diverging() -> String {
    edited(
        SMALL,
        &[
            ("start.random_point = { radius = 1.0, seed = 1 }", "start.gaussian.spread = 0.5"),
            (
                "\"process.sgd.step_size.constant\" = [0.1, 0.05]",
                "\"process.sgd.start.gaussian.spread\" = [0.5, 1e200]",
            ),
        ],
    )
}

#[test]
fn a_diverged_cell_is_rows_with_status_step_and_reason_and_the_others_go_on() {
    let text = diverging();
    let workplace = Workplace::with("small", &text);
    let ran = workplace.run(&["run", "specs/small.toml"]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("undecided") && ran.stdout.contains("cell 1 gave no finite number"), "{}", ran.stdout);
    let file = std::fs::File::open(workplace.path("reports/small/cells.parquet")).expect("a table");
    let frame = ParquetReader::new(file).finish().expect("readable");
    let text = |name: &str| -> Vec<Option<String>> {
        let column = frame.column(name).expect("a column").str().expect("text");
        column.iter().map(|value| value.map(str::to_owned)).collect()
    };
    let cells: Vec<u64> = frame.column("cell").expect("cells").u64().expect("numbers").into_no_null_iter().collect();
    for ((cell, status), reason) in cells.iter().zip(text("status")).zip(text("reason")) {
        let is_ok = status.as_deref() == Some("ok");
        assert_eq!(is_ok, reason.is_none());
        assert!(*cell == 1 || is_ok, "cell {cell}: {reason:?}");
    }
    let last = text("reason").pop().flatten().expect("a reason");
    assert_eq!(last, "128 of 128 sections are not finite, from step 1 on");
}

/// Relative errors of laws that are computed through an eigensolver, beside those that are known in closed form, for condition
/// numbers up to 10¹¹: never above what is stated, and at large condition numbers not below a ten thousandth of it.
#[test]
fn the_stated_error_of_a_law_is_a_bound_and_no_empty_one() {
    for (condition, is_felt) in [(1e2, false), (1e6, true), (1e9, true), (1e11, true)] {
        let (low, eta) = (1.0 / condition, 0.5);
        // Two relaxation times of the flat direction, of which no step is taken here.
        let horizon = format!("horizon.steps = {}", 4.0 * condition);
        // H = R diag(low, 1) Rᵀ and G = R diag(1, 1) Rᵀ = I: the law is R diag(s₁, s₂) Rᵀ with s = η/(h(2 − ηh)).
        let (c, s) = (0.8, 0.6);
        let rotated =
            |a: f64, b: f64| [[c * c * a + s * s * b, c * s * (a - b)], [c * s * (a - b), s * s * a + c * c * b]];
        let h = rotated(low, 1.0);
        let text = edited(
            SMALL,
            &[
                ("dimension = 4", "dimension = 2"),
                ("curvature.log_spaced = { from = 1.0, to = 4.0 }", &format!("curvature.dense = {h:?}")),
                ("noise.random_spd = { from = 1.0, to = 8.0, trace = 4.0, seed = 1 }", "noise.diagonal = [1.0, 1.0]"),
                ("[0.1, 0.05]", "[0.5]"),
                ("horizon.steps = 40", &horizon),
                ("step_size.constant = 0.1", "step_size.constant = 0.5"),
                ("start.random_point = { radius = 1.0, seed = 1 }", "start.gaussian.spread = 0.0001"),
            ],
        );
        let spec = parse("small", &text);
        let cell = &spec.cells[0];
        let step = *cell.recorded.last().expect("records");
        let law = cell.process.exact(&[step]).expect("a law").remove(0).covariance;
        let exact = |h: f64| {
            let power = libm::pow(1.0 - eta * h, 2.0 * step as f64);
            // η² g/b (1 − ρ²ᵏ)/(1 − ρ²) with 1 − ρ² = ηh(2 − ηh), and b = 2.
            let stationary = eta / (2.0 * h * (2.0 - eta * h));
            stationary * -libm::expm1(2.0 * step as f64 * libm::log1p(-eta * h)) + 1e-8 * power
        };
        let frame = cell.process.frame();
        let bound = frame.law_error(cell.times[cell.recorded.len() - 1]).expect("rates");
        let error = frame.rates().iter().enumerate().map(|(i, _)| {
            let h = [low, 1.0][i];
            (law[(i, i)] / exact(h) - 1.0).abs()
        });
        let error = error.fold(0.0, f64::max);
        println!("condition number {condition:e}: error {error:e}, bound {bound:e}");
        assert!(error <= bound, "condition number {condition:e}: {error:e} above {bound:e}");
        assert!(!is_felt || error > 1e-4 * bound, "condition number {condition:e}: {error:e} far below {bound:e}");
        assert!((frame.condition_number().expect("rates") / condition - 1.0).abs() < 1e-3);
    }
}
