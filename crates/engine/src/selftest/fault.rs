//! The errors that are injected: what each of them does to laws, claimed values and data.

use dynamics::process::{Broken, Slip};
use dynamics::{DynamicsError, Expectation, Observable};
use rayon::prelude::*;

use crate::predict::{Prediction, predict_as, predict_moments_as};
use crate::simulate::CellData;
use crate::spec::altered::with_steps_times;
use crate::spec::{Against, Cell, Claim, Claimed, Outline, Spec};

/// By how much steps are too large.
const STEP: f64 = 1.05;

/// An error that people make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The covariance of the noise is twice what it should be, and so is what the spec itself claims as a number.
    TwiceTheNoise,
    /// They are half of it.
    HalfTheNoise,
    /// Laws and claimed values are those of steps that are 5 % larger.
    LargerSteps,
    /// The path has no transient: its mean is 0, and only the covariance is left.
    NoTransient,
    /// The exact law lacks its term of second order in the step size.
    FirstOrder,
    /// The covariance is rotated by the transpose of its eigenbasis.
    Transposed,
    /// All sections read the same random numbers.
    SharedSeed,
}

impl Fault {
    /// All, in the order of tables.
    pub const ALL: [Fault; 7] = [
        Fault::TwiceTheNoise,
        Fault::HalfTheNoise,
        Fault::LargerSteps,
        Fault::NoTransient,
        Fault::FirstOrder,
        Fault::Transposed,
        Fault::SharedSeed,
    ];

    /// The title of its column.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Fault::TwiceTheNoise => "noise × 2",
            Fault::HalfTheNoise => "noise × ½",
            Fault::LargerSteps => "η + 5 %",
            Fault::NoTransient => "no mean",
            Fault::FirstOrder => "1st order",
            Fault::Transposed => "transpose",
            Fault::SharedSeed => "one seed",
        }
    }

    /// What is wrong, in a sentence.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Fault::TwiceTheNoise => "the covariance of the law, or the number that is claimed, is twice as large",
            Fault::HalfTheNoise => "the covariance of the law, or the number that is claimed, is half as large",
            Fault::LargerSteps => "the law, or the number that is claimed, is that of steps 5 % larger",
            Fault::NoTransient => "the law forgets the mean: only the covariance is left",
            Fault::FirstOrder => "the exact law is the limit's, without the term of second order in η",
            Fault::Transposed => "the covariance of the law is rotated by Q where it should be by Qᵀ",
            Fault::SharedSeed => "all sections read the same random numbers",
        }
    }
}

/// What is judged in place of the truth.
pub(super) enum Injected {
    /// Other claims and laws.
    Theory { claims: Vec<Claim>, predictions: Vec<Prediction> },
    /// Other numbers.
    Numbers,
}

/// The data of all cells with every section a copy of the first.
pub(super) fn with_one_section(data: &CellData) -> CellData {
    CellData { layout: data.layout, sums: vec![data.sums[0].clone(); data.sums.len()] }
}

/// What `fault` does to a spec, whose right laws are `predictions`; or why it cannot be injected.
pub(super) fn inject(
    fault: Fault,
    spec: &Spec,
    outline: &Outline,
    predictions: &[Prediction],
) -> Result<Injected, String> {
    let slipped = |slip: Slip<'static>, claims: Vec<Claim>| {
        let theory = |(cell, right): (&Cell, &Prediction)| {
            let moments = predict_moments_as(spec, cell, &Broken { inner: cell.process.as_ref(), slip })?;
            Ok(Prediction { leading_order: right.leading_order.clone(), ..moments })
        };
        let laws: Result<Vec<Prediction>, DynamicsError> =
            spec.cells.par_iter().zip(predictions).map(theory).collect::<Vec<_>>().into_iter().collect();
        laws.map(|predictions| Injected::Theory { claims, predictions }).map_err(|error| error.to_string())
    };
    match fault {
        Fault::TwiceTheNoise | Fault::HalfTheNoise => {
            let factor = if fault == Fault::TwiceTheNoise { 2.0 } else { 0.5 };
            let claims = spec.claims.iter().map(|claim| times(claim, factor)).collect();
            let mut injected = slipped(Slip::Covariance(factor), claims)?;
            if let Injected::Theory { predictions: laws, .. } = &mut injected {
                laws.iter_mut().zip(&spec.cells).for_each(|(law, cell)| scale_others(spec, cell, law, factor));
            }
            Ok(injected)
        }
        Fault::LargerSteps => larger_steps(spec, outline, predictions),
        Fault::NoTransient => slipped(Slip::NoMean, spec.claims.clone()),
        Fault::FirstOrder => slipped(Slip::FirstOrder, spec.claims.clone()),
        Fault::Transposed => slipped(Slip::Transposed, spec.claims.clone()),
        Fault::SharedSeed => Ok(Injected::Numbers),
    }
}

fn larger_steps(spec: &Spec, outline: &Outline, predictions: &[Prediction]) -> Result<Injected, String> {
    let (cells, claims) = match with_steps_times(STEP, spec, outline) {
        Ok(Some(altered)) => altered,
        Ok(None) => {
            return Ok(Injected::Theory { claims: spec.claims.clone(), predictions: predictions.to_vec() });
        }
        Err(error) => {
            let reason = error.problems().next().map_or_else(String::new, |problem| format!(": {}", problem.message));
            return Err(format!("such steps cannot be taken{reason}"));
        }
    };
    let laws = spec.cells.par_iter().zip(&cells).map(|(cell, other)| predict_as(spec, cell, other.process.as_ref()));
    let predictions: Result<Vec<Prediction>, DynamicsError> = laws.collect::<Vec<_>>().into_iter().collect();
    // Only what is claimed is another thing: which cells it is about stays.
    let claims = spec.claims.iter().zip(claims).map(|(claim, other)| Claim { against: other.against, ..claim.clone() });
    Ok(Injected::Theory { claims: claims.collect(), predictions: predictions.map_err(|error| error.to_string())? })
}

/// A claim whose own numbers are `factor` times as large.
fn times(claim: &Claim, factor: f64) -> Claim {
    let scaled = |values: &[Vec<f64>]| -> Vec<Vec<f64>> {
        values.iter().map(|along| along.iter().map(|value| factor * value).collect()).collect()
    };
    let against = match &claim.against {
        Against::Constant { values, resolution } => {
            Against::Constant { values: scaled(values), resolution: *resolution }
        }
        Against::AtMost(values) => Against::AtMost(scaled(values)),
        Against::AtLeast(values) => Against::AtLeast(scaled(values)),
        Against::Measure { other, claimed: Claimed::Values(values), band } => {
            Against::Measure { other: *other, claimed: Claimed::Values(scaled(values)), band: *band }
        }
        against => against.clone(),
    };
    Claim { against, ..claim.clone() }
}

/// Multiplies what covariances do not tell: laws to leading order, and those of readings.
fn scale_others(spec: &Spec, cell: &Cell, laws: &mut Prediction, factor: f64) {
    laws.leading_order.iter_mut().flatten().for_each(|law| law.value *= factor);
    for (row, (measure, ..)) in spec.rows(cell).enumerate() {
        if !matches!(cell.observers[measure].observable, Observable::Rows(_)) {
            continue;
        }
        let times = |law: Expectation| Expectation { value: factor * law.value, unit: factor * law.unit };
        laws.exact[row] = laws.exact[row].map(times);
        laws.limit[row] = laws.limit[row].map(times);
    }
}
