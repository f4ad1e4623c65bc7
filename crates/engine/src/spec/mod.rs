//! Specs: from the text of a file to a validated experiment in which nothing can be invalid any more.
//!
//! Text → [`node`] (a tree with places) → `check` (all errors of shape) → [`raw`] (typed; an [`outline`] ends here) →
//! [`points`] (sweep and variants spliced in) → [`cell`], [`claims`] and [`figures`] (all errors of meaning) → [`Spec`].

pub mod cell;
pub mod claims;
pub mod diagnostic;
pub mod expression;
pub mod figures;
pub mod node;
pub mod outline;
pub mod points;
pub mod published;
pub mod raw;
pub mod scalars;
pub mod schema;
pub mod start;

pub(crate) mod altered;

mod against;
mod chance;
mod check;
mod context;
mod files;
mod grammar;
mod heat_map;
mod memory;
mod model;
mod observe;
mod path;
mod problem;
mod process;
mod replicates;
mod sampling;
mod section;
mod settings;
mod training;
mod variant_ratio;

use std::collections::BTreeMap;
use std::path::Path;

pub use cell::Cell;
pub use chance::Chance;
pub use claims::{Against, At, Claim, Claimed, Fitted, Measure, RatioLaw};
pub use diagnostic::SpecError;
pub use figures::{Draw, Figure};
pub use outline::Outline;

use crate::bounds::Bounds;
use crate::layout::Layout;
use diagnostic::Problems;
use node::Span;
use outline::File;

/// The version of the experiment language.
pub const LANGUAGE_VERSION: u32 = 1;

/// The largest spec file that is read, in bytes.
pub const LARGEST_FILE: u64 = 1 << 20;

/// The family-wise error of a spec that does not state one.
pub const DEFAULT_FAMILY_WISE_ERROR: f64 = 1e-4;

/// A validated experiment.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The name of the file without its ending; see [`Spec::place`] for where its results live.
    pub name: String,
    /// BLAKE3 of the spec without comments, spelling and the order of keys.
    pub hash: String,
    /// The file, as it was named.
    pub file: String,
    /// One line that says what the experiment shows.
    pub title: String,
    /// The paper.
    pub paper: String,
    /// Where its text is imprecise, and what is stated here instead.
    pub correction: Option<String>,
    /// Its statements that are checked.
    pub statements: Vec<String>,
    /// The seed in force.
    pub seed: u64,
    /// Whether it is another one than the file states.
    pub seed_overridden: bool,
    /// α.
    pub family_wise_error: f64,
    /// How replicates are laid out in blocks and sections, the most that a cell gets.
    pub layout: Layout,
    /// The layouts at which cells are judged, ascending; the last is `layout`, and the only one of a fixed count.
    pub looks: Vec<Layout>,
    /// `base` and the named variants.
    pub variants: Vec<String>,
    /// The quantities recorded in every cell.
    pub measures: Vec<Measure>,
    /// Points of the sweep × variants, variants of a point next to each other.
    pub cells: Vec<Cell>,
    /// The sentences to judge.
    pub claims: Vec<Claim>,
    /// What to draw.
    pub figures: Vec<Figure>,
    /// What a paper printed.
    pub published: Vec<published::Published>,
    /// About how many bytes of memory its results and laws need at once.
    pub memory_bytes: f64,
    /// What its numbers depend on: dotted keys and their values as JSON.
    pub settings: BTreeMap<String, String>,
}

/// Why a spec cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too large to be a spec.
    #[error("{file} is too large: a spec has at most {LARGEST_FILE} bytes")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// The file is no text.
    #[error("{file}:{line}: this line is not UTF-8 text: save the file in the encoding UTF-8")]
    Encoding {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// The file's name cannot name a folder of results.
    #[error("{file}: a spec is named `NAME.toml` with a NAME of at most 64 characters a-z, 0-9, - and _")]
    Name {
        /// The file.
        file: String,
    },
    /// The text is wrong.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl Spec {
    /// Reads and validates the spec at `path`; `seed` overrides the one it states.
    ///
    /// # Errors
    /// [`LoadError`]: the file cannot be read, or everything that is wrong with it.
    pub fn load(path: &Path, seed: Option<u64>) -> Result<Self, LoadError> {
        Self::load_within(path, seed, Bounds::Usual)
    }

    /// The same within other bounds of memory.
    ///
    /// # Errors
    /// As [`Spec::load`].
    pub fn load_within(path: &Path, seed: Option<u64>, bounds: Bounds) -> Result<Self, LoadError> {
        let File { name, file, text } = File::read(path)?;
        Ok(Self::parse_within(&name, &file, &text, seed, bounds)?)
    }

    /// Validates the text of a spec called `name`, which stands in `file`.
    ///
    /// # Errors
    /// [`SpecError`] with everything that is wrong.
    pub fn parse(name: &str, file: &str, text: &str, seed: Option<u64>) -> Result<Self, SpecError> {
        Self::parse_within(name, file, text, seed, Bounds::Usual)
    }

    fn parse_within(name: &str, file: &str, text: &str, seed: Option<u64>, bounds: Bounds) -> Result<Self, SpecError> {
        let mut problems = Problems::default();
        let spec = Self::build((name, file, text), seed, bounds, &mut problems);
        match spec {
            Some(spec) if problems.is_empty() => Ok(spec),
            _ => Err(SpecError::new(file, text, problems)),
        }
    }

    fn build(
        (name, file, text): (&str, &str, &str),
        seed: Option<u64>,
        bounds: Bounds,
        problems: &mut Problems,
    ) -> Option<Self> {
        let json_schema = schema::json_schema();
        let (root, raw) = outline::shape(text, &json_schema, problems)?;
        let family_wise_error = raw.family_wise_error.unwrap_or(DEFAULT_FAMILY_WISE_ERROR);
        if !(family_wise_error > 0.0 && family_wise_error <= 0.1) {
            let message = format!("family_wise_error is {family_wise_error}: it must be above 0 and at most 0.1");
            problems.add(&root.locate("family_wise_error").span, message, None);
        }
        let seed = seed.unwrap_or(raw.seed);
        let hash = outline::hash(&raw);
        // Where there is none, one block only looks for further problems.
        let looks = replicates::looks(&raw.replicates, raw.process.lanes(), &root, problems);
        let layout =
            looks.last().copied().unwrap_or(Layout { sections: 1, blocks_per_section: 1, lanes: raw.process.lanes() });
        if !claims::are_few(&raw, &root, problems) {
            return None;
        }
        let measures = claims::measures(&raw, &root, problems);
        let points = points::expand(&raw, &root, &json_schema, problems);
        let mut cells = Vec::with_capacity(points.cells.len());
        let (files, fits) = (files::DataFiles::of(file), problem::Fits::default());
        let mut memory = memory::Memory::default();
        let components = measures.iter().map(|measure| measure.n_components as f64).sum();
        for point in &points.cells {
            let mut found = Problems::default();
            let resolved = cell::resolve(point, &raw.measure, seed, &layout, &mut found, (&files, &fits), |built| {
                let size = memory::Size { components, measures: measures.len(), ..built };
                memory.add(&point.raw, size, &layout);
                bounds.excess_of_memory(memory.bytes())
            });
            cells.extend(resolved);
            problems.absorb(found, |span| point.note(span));
            if problems.is_plenty() || bounds.excess_of_memory(memory.bytes()).is_some() {
                return None;
            }
        }
        check_work(&cells, &layout, replicates::place(&raw.replicates, &root), problems);
        let claims = claims::claims(&raw, &root, &measures, &points.variants, &cells, problems);
        let figures = figures::figures(&raw, &root, &measures, &points.variants, &cells, problems);
        let published = published::published(&raw, &root, &measures, &points.variants, &cells, problems);
        let settings = settings::settings(&raw, seed);
        Some(Spec {
            name: name.to_owned(),
            hash,
            file: file.to_owned(),
            title: raw.title,
            paper: raw.source.paper,
            correction: raw.source.correction,
            statements: raw.source.statements,
            seed,
            seed_overridden: seed != raw.seed,
            family_wise_error,
            layout,
            looks,
            variants: points.variants,
            measures,
            cells,
            claims,
            figures,
            published,
            memory_bytes: memory.bytes(),
            settings,
        })
    }

    /// The command that reproduces the results, without the path of a particular machine.
    #[must_use]
    pub fn command(&self) -> String {
        outline::command(&self.file, Some(self.seed).filter(|_| self.seed_overridden))
    }

    /// Where its results stand below the folder of reports: as the file below the folder `specs`, so that specs of one
    /// name in different folders keep apart.
    #[must_use]
    pub fn place(&self) -> String {
        outline::place(&self.file, &self.name)
    }

    /// The family-wise error of each look, an equal share of α: the errors of all looks add up to it, however they depend
    /// on each other.
    #[must_use]
    pub fn error_of_look(&self) -> f64 {
        self.family_wise_error / self.looks.len() as f64
    }

    /// Whether cells are looked at more than once, so that they may have different numbers of replicates.
    #[must_use]
    pub fn is_sequential(&self) -> bool {
        self.looks.len() > 1
    }

    /// The number of values that a cell records in each section.
    #[must_use]
    pub fn n_rows(&self, cell: &Cell) -> usize {
        let components: usize = self.measures.iter().map(|measure| measure.n_components).sum();
        components * cell.recorded.len()
    }

    /// Where the value of a measure's component at the n-th recorded step stands among a cell's rows.
    #[must_use]
    pub fn row(&self, cell: &Cell, measure: usize, component: usize, n: usize) -> usize {
        let before: usize = self.measures[..measure].iter().map(|measure| measure.n_components).sum();
        (before + component) * cell.recorded.len() + n
    }

    /// Measure, component and recorded step of all rows of a cell, in their order.
    pub fn rows(&self, cell: &Cell) -> impl Iterator<Item = (usize, usize, usize)> {
        let n_records = cell.recorded.len();
        let measures = self.measures.iter().enumerate();
        measures.flat_map(move |(m, measure)| {
            (0..measure.n_components).flat_map(move |c| (0..n_records).map(move |n| (m, c, n)))
        })
    }

    /// The cell at the same point of the sweep in another variant.
    #[must_use]
    pub fn sibling(&self, cell: usize, variant: usize) -> usize {
        cell - cell % self.variants.len() + variant
    }
}

/// Whether a name is short and plain enough to be a file of its own folder.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (1..=64).contains(&name.len()) && name.chars().all(plain)
}

/// Refuses an experiment whose work does not fit into a counter: d × steps × replicates summed over the cells.
fn check_work(cells: &[Cell], layout: &Layout, span: &Span, problems: &mut Problems) {
    let total = cells.iter().try_fold(0_u64, |total, cell| total.checked_add(cell.work(layout)?));
    if total.is_none() {
        let message = "cells × replicates × steps × dimension overflows 64 bits: no machine finishes that";
        problems.add(span, message, Some("lower the replicates, the horizon or the sweep".to_owned()));
    }
}
