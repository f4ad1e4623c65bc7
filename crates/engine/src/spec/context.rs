//! Where the cells of a spec are checked: a point of the sweep, and the list of what is wrong with it.

use dynamics::Process;
use sampling::normal::fill_normals;
use sampling::{Purpose, Stream, StreamKey};

use super::diagnostic::Problems;
use super::files::DataFiles;
use super::points::Point;
use super::problem::Fits;
use crate::layout::Layout;

/// Where a problem is reported, and to whom.
pub(super) struct Context<'a> {
    pub(super) point: &'a Point,
    pub(super) problems: &'a mut Problems,
    pub(super) files: &'a DataFiles,
    pub(super) fits: &'a Fits,
}

impl Context<'_> {
    pub(super) fn fail(&mut self, path: &str, message: impl Into<String>, help: Option<&str>) {
        let span = self.point.root.locate(path).span.clone();
        self.problems.add(&span, message, help.map(str::to_owned));
    }

    pub(super) fn ok<T>(&mut self, path: &str, result: Result<T, impl std::error::Error>) -> Option<T> {
        result.map_err(|error| self.fail(path, error.to_string(), None)).ok()
    }

    /// The replicates of all cells advance together in blocks of one width.
    pub(super) fn same_lanes(&mut self, process: &dyn Process, layout: &Layout) -> Option<()> {
        if process.lanes() == layout.lanes {
            return Some(());
        }
        let message =
            "models and other processes cannot be compared in one spec: their replicates are laid out otherwise";
        self.fail("process", message, None);
        None
    }

    pub(super) fn positive(&mut self, path: &str, name: &str, value: f64) -> Option<()> {
        if value > 0.0 && value.is_finite() {
            return Some(());
        }
        self.fail(path, format!("{name} is {value}: it must be a finite number above 0"), None);
        None
    }
}

/// The numbers behind a random part of a problem, which the experiment's own seed does not change. The role keeps two
/// matrices of one seed from sharing their eigenvectors.
pub(super) fn problem_stream(seed: u64, role: &str) -> Stream {
    Stream::new(StreamKey { seed, cell: role, block: 0, purpose: Purpose::Problem })
}

/// A point of the sphere of a radius in d dimensions, its direction drawn once and for all.
pub(super) fn sphere_point(radius: f64, seed: u64, role: &str, d: usize) -> Vec<f64> {
    let mut point = vec![0.0; d];
    fill_normals(&mut problem_stream(seed, role), &mut point);
    let length = point.iter().map(|x| x * x).sum::<f64>().sqrt();
    point.iter_mut().for_each(|x| *x *= radius / length);
    point
}

/// A computed number for a message: four digits, and no long row of zeros.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.3e}");
    match text.parse::<f64>() {
        Ok(rounded) if rounded == 0.0 || (1e-4..1e12).contains(&rounded.abs()) => rounded.to_string(),
        _ => text,
    }
}
