//! How the replicates of a cell are laid out: in blocks that advance together, and in sections that give standard errors.

use dynamics::block::WIDTH;

/// The fewest sections that a confidence interval is built from.
///
/// With 128 sections of one block, the upper end of an interval for a mean of squares misses 1.1 times as often as stated
/// at an error of 10⁻³ (`tests/tests/calibration.rs` keeps it so), 1.2 times at 10⁻⁴ and 1.9 times at 10⁻⁷; with 214
/// sections of three blocks 1.3 times at 10⁻⁷; with 32 sections it would be 1.7 times at 10⁻³ already (simulated with
/// Gamma-distributed section means). The lower end misses less often than stated, which keeps the sum near it.
pub const FEWEST_SECTIONS: u64 = 128;
/// The most: more would sharpen Student's quantile by less than 3 %, and memory is proportional to them.
pub const MOST_SECTIONS: u64 = 256;
/// The most replicates of a cell.
pub const MOST_REPLICATES: u64 = 1 << 40;

/// K equal, independent sections, each of equally many blocks of [`WIDTH`] replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// K.
    pub sections: usize,
    /// Blocks in a section.
    pub blocks_per_section: u64,
}

/// A number of replicates that cannot be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} replicates cannot be run: ask for 1 to {MOST_REPLICATES}")]
pub struct LayoutError(u64);

impl Layout {
    /// The smallest layout of at least `replicates` replicates: up to [`MOST_SECTIONS`] sections, at least
    /// [`FEWEST_SECTIONS`].
    ///
    /// # Errors
    /// [`LayoutError`] for none, or for more than [`MOST_REPLICATES`].
    pub fn new(replicates: u64) -> Result<Self, LayoutError> {
        if replicates == 0 || replicates > MOST_REPLICATES {
            return Err(LayoutError(replicates));
        }
        let blocks = replicates.div_ceil(WIDTH as u64);
        let blocks_per_section = blocks.div_ceil(MOST_SECTIONS);
        let sections = blocks.div_ceil(blocks_per_section).max(FEWEST_SECTIONS);
        Ok(Layout { sections: usize::try_from(sections).map_err(|_| LayoutError(replicates))?, blocks_per_section })
    }

    /// Replicates in a section.
    #[must_use]
    pub fn replicates_per_section(&self) -> u64 {
        self.blocks_per_section * WIDTH as u64
    }

    /// Replicates in a cell.
    #[must_use]
    pub fn replicates(&self) -> u64 {
        self.replicates_per_section() * self.sections as u64
    }

    /// The numbers of the blocks in a section: every K-th one, so that more replicates only add blocks.
    pub fn blocks(&self, section: usize) -> impl Iterator<Item = u64> {
        let (first, stride) = (section as u64, self.sections as u64);
        (0..self.blocks_per_section).map(move |i| first + i * stride)
    }
}
