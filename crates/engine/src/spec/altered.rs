//! A spec with steps of another size: what its laws and claims would be, at the steps that were recorded.

use super::diagnostic::Problems;
use super::files::DataFiles;
use super::problem::Fits;
use super::raw::{RawAgainst, RawHorizon, RawProcess, RawRecord, RawSchedule, RawSpec};
use super::{Cell, Claim, Outline, Spec, SpecError, cell, claims, outline, points, schema};

/// Cells and claims.
type Altered = (Vec<Cell>, Vec<Claim>);

/// The cells and claims of `spec`, whose outline is `outline`, if all step sizes were `factor` times what they are; intervals
/// of a diffusion count as steps. The steps that `spec` records are recorded. `None` for a process that has no step size, or
/// whose law does not know it.
///
/// # Errors
/// [`SpecError`] where such steps cannot be taken: larger ones may not be stable.
pub(crate) fn with_steps_times(factor: f64, spec: &Spec, outline: &Outline) -> Result<Option<Altered>, SpecError> {
    if !matches!(
        outline.raw.process,
        RawProcess::Sgd(_) | RawProcess::GradientAverage(_) | RawProcess::OrnsteinUhlenbeck(_)
    ) {
        return Ok(None);
    }
    let mut problems = Problems::default();
    let altered = altered(factor, spec, &outline.text, &mut problems);
    match altered.filter(|_| problems.is_empty()) {
        Some(altered) => Ok(Some(altered)),
        None => Err(SpecError::new(&spec.file, &outline.text, problems)),
    }
}

fn altered(factor: f64, spec: &Spec, text: &str, problems: &mut Problems) -> Option<Altered> {
    let json_schema = schema::json_schema();
    let (root, mut raw) = outline::shape(text, &json_schema, problems)?;
    for claim in &mut raw.claim {
        // The remainder of a wrong law is none that the spec vouches for.
        if let RawAgainst::LeadingOrder(leading) = &mut claim.against {
            leading.remainder_at_most = f64::INFINITY;
        }
    }
    let (files, fits) = (DataFiles::of(&spec.file), Fits::default());
    let mut cells = Vec::with_capacity(spec.cells.len());
    for (point, original) in points::expand(&raw, &root, &json_schema, problems).cells.into_iter().zip(&spec.cells) {
        let mut point = point;
        stretch(&mut point.raw, factor, &original.recorded);
        let built = cell::resolve(&point, &raw.measure, spec.seed, &spec.layout, problems, (&files, &fits), |_| None);
        cells.push(built?);
    }
    let claims = claims::claims(&raw, &root, &spec.measures, &spec.variants, &cells, problems);
    Some((cells, claims))
}

fn stretch(raw: &mut RawSpec, factor: f64, recorded: &[u64]) {
    let last = recorded.last().copied().unwrap_or(0);
    let (horizon, record) = match &mut raw.process {
        RawProcess::Sgd(sgd) => {
            stretch_schedule(&mut sgd.step_size, factor);
            (&mut sgd.horizon, &mut sgd.record)
        }
        RawProcess::GradientAverage(average) => {
            stretch_schedule(&mut average.step_size, factor);
            (&mut average.horizon, &mut average.record)
        }
        RawProcess::OrnsteinUhlenbeck(diffusion) => {
            diffusion.interval *= factor;
            (&mut diffusion.horizon, &mut diffusion.record)
        }
        _ => return,
    };
    (*horizon, *record) = (RawHorizon::Steps(last), RawRecord::Steps(recorded.to_vec()));
}

fn stretch_schedule(schedule: &mut RawSchedule, factor: f64) {
    match schedule {
        RawSchedule::Constant(eta) => *eta *= factor,
        RawSchedule::RobbinsMonro(steps) => steps.scale *= factor,
        RawSchedule::Cyclical(steps) => {
            steps.low *= factor;
            steps.high *= factor;
        }
    }
}
