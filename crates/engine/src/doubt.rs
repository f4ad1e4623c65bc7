//! What shows in the numbers themselves that they are not what verdicts rest on: sections of independent random numbers.
//!
//! Sections that share their random numbers make a standard error too small, or nothing at all: an interval that is a point
//! lies inside a band by accident. So before a test is judged its cells are asked whether
//!
//! - **sections agree** bit for bit in all that is recorded of them. Draws from laws with a density never do, so two are
//!   enough; outcomes of finitely many kinds may, so all sections have to ([`Chance`]). What chance does not touch is no
//!   evidence: honest zeros, frequencies, readings that are constants, a start that is the same for all, a path without noise;
//! - **frequencies spread** between sections as those of independent replicates do: K counts have a binomial law, whose index of
//!   dispersion is a χ² variable ([`dispersion`]). Shared replicates spread it, shared sections shrink it.
//!
//! A test in doubt has no verdict: it is undecided, with the reason, however many replicates there are.

use std::cmp::Ordering;

use dynamics::{Expectation, Moments, Observable};
use faer::Mat;
use stats::proportion::dispersion;

use crate::simulate::CellData;
use crate::spec::{Cell, Chance, Spec};

/// The chance that frequencies of independent replicates are doubted, for each of them.
const ERROR: f64 = 1e-12;

/// The relative difference of two numbers that is rounding.
const ROUNDING: f64 = 1e-9;

/// The trailing zeros of a number that is short, as 0.5 or 1000 are.
const SHORT: u32 = 26;

/// Why nothing is decided by the numbers of the cell `c`, if so. Cost O(K log K) comparisons.
#[must_use]
pub fn of_sections(spec: &Spec, c: usize, data: &CellData) -> Option<String> {
    let cell = &spec.cells[c];
    let rows: Vec<usize> = spec
        .rows(cell)
        .enumerate()
        .filter(|(_, (measure, ..))| !spec.measures[*measure].is_count)
        .map(|(row, _)| row)
        .collect();
    let (first, second) = agreeing(cell.chance, &data.sums, &rows)?;
    let is_number = |row: &usize| {
        let sum = data.sums[first][*row];
        sum != 0.0 && sum.is_finite()
    };
    let rows: Vec<usize> = rows.into_iter().filter(is_number).collect();
    let is_evidence = is_random(spec, cell, &rows).unwrap_or_else(|| rows.iter().any(|row| looks_random(data, *row)));
    is_evidence.then(|| match cell.chance {
        Chance::Discrete => {
            format!("cell {c}: all sections are the same numbers bit for bit, so they share their random numbers")
        }
        _ => format!(
            "cell {c}: sections {first} and {second} are the same numbers bit for bit, so they share their random numbers"
        ),
    })
}

/// Why nothing is decided by a frequency of the cell `c`, which has these values in its sections of `replicates` each, if so.
#[must_use]
pub fn of_frequency(c: usize, frequencies: &[f64], replicates: f64) -> Option<String> {
    let counts: Vec<f64> = frequencies.iter().map(|frequency| (frequency * replicates).round()).collect();
    let (less, more) = dispersion(&counts, replicates)?;
    let how = match (less < ERROR, more < ERROR) {
        (true, _) => "less",
        (_, true) => "more",
        _ => return None,
    };
    Some(format!("cell {c}: frequencies differ {how} between sections than those of independent replicates do"))
}

/// Two sections that are equal in `rows` and should not be, the first and the last of those that are.
fn agreeing(chance: Chance, sums: &[Vec<f64>], rows: &[usize]) -> Option<(usize, usize)> {
    let compare = |a: &usize, b: &usize| -> Ordering {
        let pairs = rows.iter().map(|row| sums[*a][*row].to_bits().cmp(&sums[*b][*row].to_bits()));
        pairs.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let are_equal = |a: usize, b: usize| compare(&a, &b).is_eq();
    match chance {
        Chance::Nothing => None,
        Chance::Discrete => {
            (sums.len() > 1 && (1..sums.len()).all(|section| are_equal(0, section))).then(|| (0, sums.len() - 1))
        }
        Chance::Continuous => {
            let mut order: Vec<usize> = (0..sums.len()).collect();
            order.sort_by(|a, b| compare(a, b).then(a.cmp(b)));
            order.windows(2).find(|pair| are_equal(pair[0], pair[1])).map(|pair| (pair[0], pair[1]))
        }
    }
}

/// Whether the exact law leaves one of `rows` to chance; `None` where it is not known.
fn is_random(spec: &Spec, cell: &Cell, rows: &[usize]) -> Option<bool> {
    let law = cell.process.exact(&cell.recorded).ok()?;
    let still = |law: &Moments| Moments {
        mean: law.mean.clone(),
        covariance: Mat::zeros(law.covariance.nrows(), law.covariance.ncols()),
    };
    let mean_path: Vec<Moments> = law.iter().map(still).collect();
    let places: Vec<(usize, usize, usize)> = spec.rows(cell).collect();
    let mut known = rows.iter().filter_map(|row| {
        let (measure, component, n) = places[*row];
        // The law of a reading is its mean alone.
        let is_reading = matches!(cell.observers[measure].observable, Observable::Rows(_));
        let expected = |path: &[Moments]| {
            let d = path[n].mean.len();
            cell.observers[measure].expected(n, path, Some(&Mat::zeros(d, d)), component)
        };
        (!is_reading).then(|| Some(differ(expected(&law)?, expected(&mean_path)?)))?
    });
    known.next().map(|first| first || known.any(|is_random| is_random))
}

/// Whether a row without a law differs between sections by more than rounding, or is the same number in all of them to the
/// last digits, which rounding would make differ if it were a constant of nature.
fn looks_random(data: &CellData, row: usize) -> bool {
    let values = || data.sums.iter().map(|section| section[row]);
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let largest = low.abs().max(high.abs());
    high - low > ROUNDING * largest || low == high && low.to_bits().trailing_zeros() < SHORT
}

/// Whether two expectations differ by more than rounding.
fn differ(a: Expectation, b: Expectation) -> bool {
    let apart = |x: f64, y: f64| (x - y).abs() > 1e-12 * x.abs().max(y.abs());
    apart(a.value, b.value) || apart(a.unit, b.unit)
}
