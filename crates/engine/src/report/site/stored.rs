//! What stands in a spec's folder of results, each file believed only if the manifest vouches for it.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;

use super::{figure, published, unbroken};
use crate::spec::Outline;
use crate::store::results::{CELLS, CLAIMS};
use crate::store::rows::{self, TestRow, ValueRow};
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
    pub(super) values: Option<Vec<ValueRow>>,
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
pub(super) struct Test {
    pub(super) row: TestRow,
    /// Where it was taken.
    pub(super) place: String,
}

impl Deref for Test {
    type Target = TestRow;

    fn deref(&self) -> &TestRow {
        &self.row
    }
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
        let claims = whole.remove(CLAIMS).and_then(|content| {
            let rows = table::from_parquet(content).and_then(|frame| rows::tests(&frame)).ok().flatten();
            if rows.is_none() {
                damage.push(format!("{CLAIMS} is not shown: it is no table of tests"));
            }
            rows.map(|rows| claims(&rows, &manifest, several_variants))
        });
        let values = whole.remove(CELLS).and_then(|content| {
            let rows = table::from_parquet(content).and_then(|frame| rows::values(&frame)).ok().flatten();
            if rows.is_none() {
                damage.push(format!("{CELLS} is not shown: it is no table of values"));
            }
            rows.map(|rows| (last_values(&rows), published::groups(&outline.raw, &rows)))
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

/// The claims of the rows of `claims.parquet`, with the verdicts of the manifest.
fn claims(rows: &[TestRow], manifest: &Manifest, several_variants: bool) -> BTreeMap<String, Judged> {
    let mut judged = BTreeMap::new();
    for (name, word) in &manifest.claims {
        let Some(verdict) = Verdict::from_word(word) else { continue };
        let of_claim: Vec<&TestRow> = rows.iter().filter(|row| row.claim == *name).collect();
        let by_component = of_claim.iter().any(|row| row.component > Some(1));
        let excess = |row: &TestRow| match row.statistic.is_finite() {
            true => beyond(&row.interval, &row.band),
            false => f64::INFINITY,
        };
        let worst = of_claim.iter().max_by(|a, b| excess(a).total_cmp(&excess(b)));
        let worst = worst.map(|row| Test { row: (*row).clone(), place: place(row, several_variants, by_component) });
        judged.insert(name.clone(), Judged { verdict, n_tests: of_claim.len(), worst });
    }
    judged
}

/// Where a test was taken.
fn place(row: &TestRow, several_variants: bool, by_component: bool) -> String {
    let mut place = format!("cell {}", row.cell);
    if several_variants {
        place += &format!(", {}", row.variant);
    }
    if let Some(component) = row.component.filter(|_| by_component) {
        place += &format!(", component {component}");
    }
    if let Some(step) = row.step {
        place += &format!(", step {}", unbroken(step));
    }
    place
}

/// Of the rows of `cells.parquet` the last recorded step of each cell and measure, first components only.
fn last_values(rows: &[ValueRow]) -> Vec<ValueRow> {
    let is_same = |a: &ValueRow, b: &ValueRow| (a.cell, &a.measure, a.component) == (b.cell, &b.measure, b.component);
    let is_last = |i: usize| rows.get(i + 1).is_none_or(|next| !is_same(next, &rows[i]));
    let shown = rows.iter().enumerate().filter(|(i, row)| row.component == 1 && is_last(*i));
    shown.map(|(_, row)| row.clone()).collect()
}
