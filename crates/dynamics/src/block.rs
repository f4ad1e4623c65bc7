//! A block of replicates that advance together, and the kernel that advances it by one linear noisy step.
//!
//! Structure of arrays: row i holds coordinate i of [`WIDTH`] replicates. The kernel fixes the order of every sum and
//! uses fused multiply-adds, so its results have the same bits with and without vector instructions.

use faer::MatRef;

/// Replicates in a block. A stream of numbers belongs to a block, so this constant is part of the meaning of a seed.
pub const WIDTH: usize = 32;

/// One coordinate of all replicates of a block.
pub type Row = [f64; WIDTH];

/// Rows of the factor handled together, and replicates handled together: 5×8 sums live in registers.
const PANEL: usize = 5;
const TILE: usize = 8;

/// A lower-triangular matrix L (d×d), packed for products with blocks.
#[derive(Debug, Clone)]
pub struct PackedLower {
    dimension: usize,
    panels: Vec<Panel>,
}

/// Rows 5p…5p+4 of L, from their first column that is not zero up to the diagonal, so that a diagonal L costs O(d).
#[derive(Debug, Clone)]
struct Panel {
    first_column: usize,
    /// Column by column; entries past the diagonal, or past row d, are zero.
    columns: Vec<[f64; PANEL]>,
}

impl PackedLower {
    /// Packs the lower triangle of `factor`; what stands above its diagonal is not read. Cost O(d²).
    #[must_use]
    pub fn new(factor: MatRef<'_, f64>) -> Self {
        let dimension = factor.nrows();
        let panel = |first_row: usize| {
            let rows_end = (first_row + PANEL).min(dimension);
            let entry = |i: usize, j: usize| if i < dimension && j <= i { factor[(i, j)] } else { 0.0 };
            let is_zero = |&j: &usize| (first_row..rows_end).all(|i| entry(i, j) == 0.0);
            let first_column = (0..rows_end).take_while(is_zero).count();
            let column = |j| std::array::from_fn(|r| entry(first_row + r, j));
            Panel { first_column, columns: (first_column..rows_end).map(column).collect() }
        };
        PackedLower { dimension, panels: (0..dimension).step_by(PANEL).map(panel).collect() }
    }

    /// d.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }
}

/// e ← diag(decay)·e − scale·Lζ for all replicates of a block.
///
/// `decay` has d entries, `whitened` (ζ) and `errors` (e) d rows. Cost d²/2 multiply-adds a replicate, because L is
/// triangular; no allocation.
///
/// # Example
/// ```
/// use dynamics::block::{PackedLower, WIDTH, advance};
/// use faer::mat;
/// let factor = PackedLower::new(mat![[1.0, 0.0], [2.0, 3.0]].as_ref());
/// let mut errors = [[1.0; WIDTH], [10.0; WIDTH]];
/// advance(&[0.5, 0.25], &factor, 0.5, &[[1.0; WIDTH], [1.0; WIDTH]], &mut errors);
/// assert_eq!(errors, [[0.5 - 0.5 * 1.0; WIDTH], [2.5 - 0.5 * 5.0; WIDTH]]);
/// ```
pub fn advance(decay: &[f64], factor: &PackedLower, scale: f64, whitened: &[Row], errors: &mut [Row]) {
    pulp::Arch::new().dispatch(Advance { decay, factor, scale, whitened, errors });
}

/// [`advance`] without the vector instructions of the running processor; for tests of portability.
#[doc(hidden)]
pub fn advance_portably(decay: &[f64], factor: &PackedLower, scale: f64, whitened: &[Row], errors: &mut [Row]) {
    Advance { decay, factor, scale, whitened, errors }.run();
}

struct Advance<'a> {
    decay: &'a [f64],
    factor: &'a PackedLower,
    scale: f64,
    whitened: &'a [Row],
    errors: &'a mut [Row],
}

impl pulp::WithSimd for Advance<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl Advance<'_> {
    #[inline(always)]
    fn run(self) {
        let panels = self.errors.chunks_mut(PANEL).zip(self.decay.chunks(PANEL)).zip(&self.factor.panels);
        for ((rows, decay), panel) in panels {
            let whitened = &self.whitened[panel.first_column..][..panel.columns.len()];
            for tile in 0..WIDTH / TILE {
                let sums = multiply(&panel.columns, whitened, tile);
                for ((row, &decay), sums) in rows.iter_mut().zip(decay).zip(&sums) {
                    let row = &mut row.as_chunks_mut::<TILE>().0[tile];
                    for lane in 0..TILE {
                        row[lane] = decay.mul_add(row[lane], -(self.scale * sums[lane]));
                    }
                }
            }
        }
    }
}

/// Five rows of Lζ for eight replicates, summed over the columns in ascending order.
#[inline(always)]
fn multiply(columns: &[[f64; PANEL]], whitened: &[Row], tile: usize) -> [[f64; TILE]; PANEL] {
    let mut sums = [[0.0; TILE]; PANEL];
    for (column, row) in columns.iter().zip(whitened) {
        let lanes = &row.as_chunks::<TILE>().0[tile];
        for (sums, &entry) in sums.iter_mut().zip(column) {
            for lane in 0..TILE {
                sums[lane] = entry.mul_add(lanes[lane], sums[lane]);
            }
        }
    }
    sums
}
