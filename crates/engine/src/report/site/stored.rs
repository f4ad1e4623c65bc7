//! What stands in a spec's folder of results, each file believed only if the manifest vouches for it.

use std::collections::BTreeMap;
use std::path::Path;

use polars::error::PolarsResult;
use polars::prelude::DataFrame;

use super::unbroken;
use super::{figure, published};
use crate::spec::Outline;
use crate::stats::Interval;
use crate::store::{Costs, Manifest, StoreError, atomic};
use crate::table;
use crate::verdict::{Verdict, beyond};

/// The largest figure that is put into the page, in bytes: a page of all specs should open at once.
const LARGEST_FIGURE: usize = 1 << 19;

/// The results of a spec, as far as they are whole.
pub(super) struct Stored {
    pub(super) manifest: Manifest,
    /// Seconds of one thread that the simulation took, if they are known.
    pub(super) seconds: Option<f64>,
    /// What became of each claim, by its name; `None` if the table of tests is damaged.
    pub(super) claims: Option<BTreeMap<String, Judged>>,
    /// The last recorded values; `None` if their table is damaged.
    pub(super) values: Option<Vec<Value>>,
    /// What a paper printed, beside ours; `None` if their table is damaged.
    pub(super) published: Option<Vec<published::Group>>,
    /// Each figure of the spec, as SVG of a page.
    pub(super) figures: Vec<Option<figure::Inlined>>,
    /// What is damaged, and therefore not shown.
    pub(super) damage: Vec<String>,
}

/// A claim and its tests.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) n_tests: usize,
    /// The test that comes nearest to, or lies farthest beyond, an end of its band.
    pub(super) worst: Option<Test>,
}

/// One statistic and its band.
#[derive(Clone)]
pub(super) struct Test {
    pub(super) statistic: f64,
    pub(super) interval: Interval,
    pub(super) band: Interval,
    /// Where it was taken.
    pub(super) place: String,
    /// What would decide it, if it is undecided and something would.
    pub(super) replicates_to_decide: Option<u64>,
}

/// A measured value beside its laws.
pub(super) struct Value {
    pub(super) measure: String,
    pub(super) cell: u64,
    pub(super) variant: String,
    pub(super) step: u64,
    pub(super) step_size: Option<f64>,
    pub(super) batch_size: Option<f64>,
    pub(super) estimate: f64,
    pub(super) standard_error: f64,
    pub(super) exact: Option<f64>,
    pub(super) limit: Option<f64>,
    pub(super) leading_order: Option<f64>,
    pub(super) agreement: Option<f64>,
}

impl Stored {
    /// Reads all files that `manifest` names in `folder`; ids of figures begin with `prefix`.
    pub(super) fn read(manifest: Manifest, outline: &Outline, folder: &Path, prefix: &str) -> Self {
        let (mut whole, mut damage) = (BTreeMap::new(), Vec::new());
        for (name, expected) in &manifest.files {
            match std::fs::read(folder.join(name)) {
                Ok(content) if atomic::hash(&content) == *expected => {
                    whole.insert(name.as_str(), content);
                }
                Ok(_) => damage.push(format!("{name} is not shown: its hash is not that of the manifest")),
                Err(_) => damage.push(format!("{name} is not shown: it is missing, or cannot be read")),
            }
        }
        let several_variants = !outline.raw.variants.is_empty();
        let claims = whole.remove("claims.parquet").and_then(|content| {
            let judged = table::from_parquet(content).and_then(|frame| claims(&frame, &manifest, several_variants));
            judged.map_err(|_| damage.push("claims.parquet is not shown: it is no table of tests".to_owned())).ok()
        });
        let values = whole.remove("cells.parquet").and_then(|content| {
            let read = table::from_parquet(content)
                .and_then(|frame| Ok((last_values(&frame)?, published::groups(&outline.raw, &frame)?)));
            read.map_err(|_| damage.push("cells.parquet is not shown: it is no table of values".to_owned())).ok()
        });
        let (values, published) = values.unzip();
        let figures = outline.raw.figure.iter().enumerate().map(|(n, figure)| {
            let name = format!("{}.svg", figure.name);
            let content = whole.remove(name.as_str())?;
            if content.len() > LARGEST_FIGURE {
                damage.push(format!("{name} is not shown: it is too large for this page"));
                return None;
            }
            let inlined = figure::inline(&content, &format!("{prefix}-{}", n + 1));
            inlined.map_err(|reason| damage.push(format!("{name} is not shown: {reason}"))).ok()
        });
        let figures = figures.collect();
        let seconds = Costs::read(folder).total(&manifest.cells);
        Stored { seconds, claims, values, published, figures, damage, manifest }
    }
}

/// The manifest of a folder; `None` if there are no results.
///
/// # Errors
/// What is wrong with it, without the path of a particular machine.
pub(super) fn manifest(folder: &Path) -> Result<Option<Manifest>, String> {
    match Manifest::read(folder) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(StoreError::Missing { .. }) => Ok(None),
        Err(StoreError::Corrupt { reason, .. }) => Err(format!("manifest.toml is damaged: {reason}")),
        Err(_) => Err("manifest.toml cannot be read".to_owned()),
    }
}

/// The claims of `claims.parquet`, with the verdicts of the manifest.
fn claims(frame: &DataFrame, manifest: &Manifest, several_variants: bool) -> PolarsResult<BTreeMap<String, Judged>> {
    let (claim, variant) = (texts(frame, "claim")?, texts(frame, "variant")?);
    let (cell, component) = (wholes(frame, "cell")?, wholes(frame, "component")?);
    let (step, to_decide) = (wholes(frame, "step")?, wholes(frame, "replicates_to_decide")?);
    let number = |name: &str| table::numbers(frame, name);
    let (statistic, interval_low, interval_high) =
        (number("statistic")?, number("interval_low")?, number("interval_high")?);
    let (band_low, band_high) = (number("band_low")?, number("band_high")?);
    let several_components = |name: &str| (0..claim.len()).any(|i| claim[i] == name && component[i] > Some(1));
    let mut judged = BTreeMap::new();
    for (name, word) in &manifest.claims {
        let Some(verdict) = Verdict::from_word(word) else { continue };
        let rows: Vec<usize> = (0..claim.len()).filter(|i| claim[*i] == name).collect();
        let by_component = several_components(name);
        let test = |i: usize| {
            let mut place = format!("cell {}", cell[i].unwrap_or_default());
            if several_variants {
                place += &format!(", {}", variant[i]);
            }
            if let Some(component) = component[i].filter(|_| by_component) {
                place += &format!(", component {component}");
            }
            if let Some(step) = step[i] {
                place += &format!(", step {}", unbroken(step));
            }
            Test {
                statistic: statistic[i],
                interval: Interval::new(interval_low[i], interval_high[i]),
                band: Interval::new(band_low[i], band_high[i]),
                place,
                replicates_to_decide: to_decide[i],
            }
        };
        let excess = |test: &Test| match test.statistic.is_finite() {
            true => beyond(&test.interval, &test.band),
            false => f64::INFINITY,
        };
        let worst = rows.iter().map(|i| test(*i)).max_by(|a, b| excess(a).total_cmp(&excess(b)));
        judged.insert(name.clone(), Judged { verdict, n_tests: rows.len(), worst });
    }
    Ok(judged)
}

/// Of `cells.parquet` the last recorded step of each cell and measure, first components only.
fn last_values(frame: &DataFrame) -> PolarsResult<Vec<Value>> {
    let (measure, variant) = (texts(frame, "measure")?, texts(frame, "variant")?);
    let (cell, component, step) = (wholes(frame, "cell")?, wholes(frame, "component")?, wholes(frame, "step")?);
    let (step_size, batch_size) = (optional(frame, "step_size")?, optional(frame, "batch_size")?);
    let (estimate, error) = (table::numbers(frame, "estimate")?, table::numbers(frame, "standard_error")?);
    let (exact, limit) = (optional(frame, "exact")?, optional(frame, "limit")?);
    let (leading_order, agreement) = (optional(frame, "leading_order")?, optional(frame, "agreement")?);
    let key = |i: usize| (cell[i], measure[i], component[i]);
    let is_last = |i: &usize| i + 1 == measure.len() || key(i + 1) != key(*i);
    let shown = (0..measure.len()).filter(|i| component[*i] == Some(1)).filter(is_last);
    Ok(shown
        .map(|i| Value {
            measure: measure[i].to_owned(),
            cell: cell[i].unwrap_or_default(),
            variant: variant[i].to_owned(),
            step: step[i].unwrap_or_default(),
            step_size: step_size[i],
            batch_size: batch_size[i],
            estimate: estimate[i],
            standard_error: error[i],
            exact: exact[i],
            limit: limit[i],
            leading_order: leading_order[i],
            agreement: agreement[i],
        })
        .collect())
}

/// A column of texts.
pub(super) fn texts<'a>(frame: &'a DataFrame, name: &str) -> PolarsResult<Vec<&'a str>> {
    Ok(frame.column(name)?.str()?.iter().map(Option::unwrap_or_default).collect())
}

/// A column of whole numbers.
pub(super) fn wholes(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<u64>>> {
    Ok(frame.column(name)?.u64()?.iter().collect())
}

/// A column of numbers with gaps.
pub(super) fn optional(frame: &DataFrame, name: &str) -> PolarsResult<Vec<Option<f64>>> {
    Ok(frame.column(name)?.f64()?.iter().collect())
}
