//! How the replicates of a cell are laid out: in blocks that advance together, and in sections that give standard errors.

use dynamics::block::WIDTH;
use stats::FEWEST_SECTIONS;

/// The fewest sections of models that are trained one by one, as networks are: few replicates are all that one can wait for.
///
/// Intervals from fewer than [`FEWEST_SECTIONS`] sections are Student's without a correction for skewness, which so few
/// cannot tell: they keep their level for readings that are normal across replicates. For skewed ones an upper end misses
/// more often than stated: with 8 models, at an error of 10⁻³ in all, 5 times as often for a skewness of 0.9 and 30 times
/// for one of 2 (simulated with χ² laws), and a lower end less often. So they can see no accident that is
/// rarer than one in them.
pub const FEWEST_MODELS: u64 = 8;
/// The most: more would sharpen Student's quantile by less than 3 %, and memory is proportional to them.
pub const MOST_SECTIONS: u64 = 256;
/// The most replicates of a cell.
pub const MOST_REPLICATES: u64 = 1 << 40;

/// K equal, independent sections, each of equally many blocks of replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// K.
    pub sections: usize,
    /// Blocks in a section.
    pub blocks_per_section: u64,
    /// Replicates in a block: [`WIDTH`], or 1 for models.
    pub lanes: usize,
}

/// A number of replicates that cannot be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} replicates cannot be run: ask for 1 to {MOST_REPLICATES}")]
pub struct LayoutError(u64);

impl Layout {
    /// The smallest layout of at least `replicates` replicates, `lanes` in a block: up to [`MOST_SECTIONS`] sections, at
    /// least [`FEWEST_SECTIONS`], or [`FEWEST_MODELS`] where a block is one replicate.
    ///
    /// # Errors
    /// [`LayoutError`] for none, or for more than [`MOST_REPLICATES`].
    pub fn new(replicates: u64, lanes: usize) -> Result<Self, LayoutError> {
        if replicates == 0 || replicates > MOST_REPLICATES {
            return Err(LayoutError(replicates));
        }
        let blocks = replicates.div_ceil(lanes as u64);
        let blocks_per_section = blocks.div_ceil(MOST_SECTIONS);
        let fewest = if lanes < WIDTH { FEWEST_MODELS } else { FEWEST_SECTIONS };
        let sections = blocks.div_ceil(blocks_per_section).max(fewest);
        let sections = usize::try_from(sections).map_err(|_| LayoutError(replicates))?;
        Ok(Layout { sections, blocks_per_section, lanes })
    }

    /// The layouts at which a cell is looked at on its way to this one: from `first` blocks in a section twice as many each
    /// time, and last all of them. A look at more than two thirds of all is left out: it would cost more than it can save.
    #[must_use]
    pub fn looks(self, first: u64) -> Vec<Layout> {
        let doubling = std::iter::successors(Some(first.max(1)), |blocks| blocks.checked_mul(2));
        let early = doubling.take_while(|blocks| blocks.saturating_mul(3) <= self.blocks_per_section.saturating_mul(2));
        early.chain([self.blocks_per_section]).map(|blocks| self.with_blocks(blocks)).collect()
    }

    /// As many sections of another number of blocks.
    #[must_use]
    pub fn with_blocks(self, blocks_per_section: u64) -> Layout {
        Layout { blocks_per_section, ..self }
    }

    /// Replicates in a section.
    #[must_use]
    pub fn replicates_per_section(&self) -> u64 {
        self.blocks_per_section * self.lanes as u64
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(replicates: u64, lanes: usize) -> (usize, u64) {
        let layout = Layout::new(replicates, lanes).expect("enough replicates");
        (layout.sections, layout.blocks_per_section)
    }

    #[test]
    fn a_model_is_a_block_and_few_of_them_are_sections_of_one() {
        assert_eq!([1, 8, 16, 256].map(|models| sizes(models, 1)), [(8, 1), (8, 1), (16, 1), (256, 1)]);
        assert_eq!([257, 512, 513].map(|models| sizes(models, 1)), [(129, 2), (256, 2), (171, 3)]);
        assert_eq!(Layout::new(257, 1).map(|layout| layout.replicates()), Ok(258));
    }

    #[test]
    fn other_replicates_fill_blocks_and_at_least_128_sections() {
        let width = WIDTH as u64;
        assert_eq!([1, 128 * width, 200 * width].map(|n| sizes(n, WIDTH)), [(128, 1), (128, 1), (200, 1)]);
        assert_eq!(sizes(257 * width, WIDTH), (129, 2));
    }

    #[test]
    fn sections_share_out_the_blocks() {
        for (replicates, lanes) in [(16, 1), (600, 1), (10_000, WIDTH)] {
            let layout = Layout::new(replicates, lanes).expect("enough replicates");
            let mut blocks: Vec<u64> = (0..layout.sections).flat_map(|section| layout.blocks(section)).collect();
            blocks.sort_unstable();
            assert_eq!(blocks, (0..layout.replicates() / lanes as u64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn looks_double_up_to_the_last_and_extend_each_other() {
        let looks = |blocks: u64, first: u64| -> Vec<u64> {
            let layout = Layout { sections: 128, blocks_per_section: blocks, lanes: WIDTH };
            layout.looks(first).iter().map(|look| look.blocks_per_section).collect()
        };
        assert_eq!([looks(1, 1), looks(2, 1), looks(3, 1)], [vec![1], vec![1, 2], vec![1, 2, 3]]);
        assert_eq!([looks(5, 1), looks(20, 3)], [vec![1, 2, 5], vec![3, 6, 12, 20]]);
        assert_eq!([looks(20, 14), looks(20, 20)], [vec![20], vec![20]]);
        let all = Layout { sections: 128, blocks_per_section: 7, lanes: WIDTH };
        let blocks = |layout: Layout| layout.blocks(5).collect::<Vec<u64>>();
        assert!(all.looks(1).into_iter().all(|look| blocks(all).starts_with(&blocks(look))));
    }

    #[test]
    fn none_and_too_many_are_refused() {
        assert!(Layout::new(0, 1).is_err() && Layout::new(MOST_REPLICATES + 1, 1).is_err());
    }
}
