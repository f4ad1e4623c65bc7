//! Products of small matrices, in tiles of eight columns.
//!
//! Every sum runs in ascending order in fused multiply-adds, so a product has the same bits with and without vector
//! instructions.

/// Columns handled together, and rows handled together: 4×8 sums live in registers.
pub(super) const TILE: usize = 8;
const PANEL: usize = 4;

/// A matrix cut into tiles of eight columns. Tile t holds columns 8t…8t+7, row after row; what stands in columns past the
/// last means nothing.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    rows: usize,
    entries: Vec<[f64; TILE]>,
}

impl Tiles {
    /// Becomes a matrix of this shape, of whatever entries, in the memory that it has.
    pub(super) fn reset(&mut self, rows: usize, columns: usize) {
        self.rows = rows;
        self.entries.resize(rows * columns.div_ceil(TILE), [0.0; TILE]);
    }

    /// Becomes the matrix whose `rows` rows stand one after the other in `entries`.
    pub(super) fn copy_rows<'a>(&mut self, rows: usize, columns: usize, entries: impl Iterator<Item = &'a [f64]>) {
        self.reset(rows, columns);
        for (r, row) in entries.enumerate() {
            for (t, part) in row.chunks(TILE).enumerate() {
                self.entries[t * rows + r][..part.len()].copy_from_slice(part);
            }
        }
    }

    /// Becomes the transpose of the first `columns` columns of `other`.
    pub(super) fn copy_transposed(&mut self, other: &Tiles, columns: usize) {
        self.reset(columns, other.rows);
        for (from, tile) in other.entries.chunks_exact(other.rows).enumerate() {
            let lanes = TILE.min(columns - from * TILE);
            for (t, rows) in tile.chunks(TILE).enumerate() {
                let entries = &mut self.entries[t * columns + from * TILE..][..lanes];
                match <&[[f64; TILE]; TILE]>::try_from(rows) {
                    Ok(rows) => {
                        for (lane, entry) in entries.iter_mut().enumerate() {
                            *entry = std::array::from_fn(|r| rows[r][lane]);
                        }
                    }
                    Err(_) => {
                        for (lane, entry) in entries.iter_mut().enumerate() {
                            entry.iter_mut().zip(rows).for_each(|(entry, row)| *entry = row[lane]);
                        }
                    }
                }
            }
        }
    }

    #[inline]
    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.entries[column / TILE * self.rows + row][column % TILE]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.entries[column / TILE * self.rows + row][column % TILE]
    }

    /// Columns 8t…8t+7 of a row.
    #[inline]
    pub(super) fn tile(&self, row: usize, tile: usize) -> &[f64; TILE] {
        &self.entries[tile * self.rows + row]
    }

    /// Columns 8t…8t+7 of a row.
    #[inline]
    pub(super) fn tile_mut(&mut self, row: usize, tile: usize) -> &mut [f64; TILE] {
        &mut self.entries[tile * self.rows + row]
    }

    /// All entries, tile after tile.
    pub(super) fn entries(&self) -> &[f64] {
        self.entries.as_flattened()
    }

    /// All entries, tile after tile.
    pub(super) fn entries_mut(&mut self) -> &mut [f64] {
        self.entries.as_flattened_mut()
    }
}

/// Work space of [`multiply`]: four rows of the left factor, column by column.
pub(super) type Panel = Vec<[f64; PANEL]>;

/// The left factor L of a product.
#[derive(Clone, Copy)]
pub(super) enum Left<'a> {
    /// Rows of this length, one after the other.
    Rows(&'a [f64], usize),
    /// The transpose of rows of this length, one after the other.
    Transposed(&'a [f64], usize),
    /// A matrix in tiles.
    Tiles(&'a Tiles),
}

impl Left<'_> {
    /// Four rows as they stand, if they stand one after the other.
    #[inline(always)]
    fn rows(&self, first: usize, inner: usize) -> Option<[&[f64]; PANEL]> {
        let Left::Rows(entries, length) = *self else { return None };
        let mut rows = entries.chunks_exact(length).skip(first).map(|row| &row[..inner]);
        Some([rows.next()?, rows.next()?, rows.next()?, rows.next()?])
    }

    /// Packs rows `first` to `first + height` of `inner` columns, and zeros below them.
    #[inline(always)]
    fn pack(self, first: usize, height: usize, inner: usize, panel: &mut Panel) {
        panel.resize(inner, [0.0; PANEL]);
        if height < PANEL {
            panel.fill([0.0; PANEL]);
        }
        match self {
            Left::Rows(entries, length) => {
                for (r, row) in entries.chunks_exact(length).skip(first).take(height).enumerate() {
                    panel.iter_mut().zip(row).for_each(|(column, entry)| column[r] = *entry);
                }
            }
            Left::Transposed(entries, length) => {
                for (column, row) in panel.iter_mut().zip(entries.chunks_exact(length)) {
                    match row[first..].first_chunk() {
                        Some(entries) if height == PANEL => *column = *entries,
                        _ => column[..height].copy_from_slice(&row[first..first + height]),
                    }
                }
            }
            Left::Tiles(tiles) => {
                for (columns, tile) in panel.chunks_mut(TILE).zip(tiles.entries.chunks_exact(tiles.rows)) {
                    for (r, row) in tile[first..first + height].iter().enumerate() {
                        columns.iter_mut().zip(row).for_each(|(column, entry)| column[r] = *entry);
                    }
                }
            }
        }
    }
}

/// Calls `write(r, t, &tile)` with each tile t of each of the first `rows` rows r of LR.
///
/// Cost: rows·k·columns multiply-adds, the columns rounded up to whole tiles.
#[inline]
pub(super) fn multiply(
    rows: usize,
    left: Left<'_>,
    right: &Tiles,
    panel: &mut Panel,
    write: impl FnMut(usize, usize, &[f64; TILE]),
) {
    pulp::Arch::new().dispatch(Multiply { rows, left, right, panel, write });
}

struct Multiply<'a, W> {
    rows: usize,
    left: Left<'a>,
    right: &'a Tiles,
    panel: &'a mut Panel,
    write: W,
}

impl<W: FnMut(usize, usize, &[f64; TILE])> pulp::WithSimd for Multiply<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.run();
    }
}

impl<W: FnMut(usize, usize, &[f64; TILE])> Multiply<'_, W> {
    #[inline(always)]
    fn run(mut self) {
        let inner = self.right.rows;
        for first in (0..self.rows).step_by(PANEL) {
            let height = PANEL.min(self.rows - first);
            let tiles = self.right.entries.chunks_exact(inner).enumerate();
            if let Some(rows) = self.left.rows(first, inner) {
                // Four slices are as quickly read as a panel of them is, which need not be packed.
                for (t, tile) in tiles {
                    let [a, b, c, d] = rows;
                    let columns = a.iter().zip(b).zip(c).zip(d).map(|(((a, b), c), d)| [*a, *b, *c, *d]);
                    let sums = sum(columns, tile);
                    for (r, sums) in sums.iter().enumerate() {
                        (self.write)(first + r, t, sums);
                    }
                }
                continue;
            }
            self.left.pack(first, height, inner, self.panel);
            for (t, tile) in tiles {
                let sums = sum(self.panel.iter().copied(), tile);
                for (r, sums) in sums[..height].iter().enumerate() {
                    (self.write)(first + r, t, sums);
                }
            }
        }
    }
}

/// Four rows of LR in eight columns.
#[inline(always)]
fn sum(columns: impl Iterator<Item = [f64; PANEL]>, tile: &[[f64; TILE]]) -> [[f64; TILE]; PANEL] {
    let mut sums = [[0.0; TILE]; PANEL];
    for (column, row) in columns.zip(tile) {
        for (sums, entry) in sums.iter_mut().zip(column) {
            for lane in 0..TILE {
                sums[lane] = entry.mul_add(row[lane], sums[lane]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of no pattern, in [−1, 1].
    fn entry(r: usize, k: usize) -> f64 {
        libm::sin(1.0 + 12.9 * r as f64 + 78.2 * k as f64)
    }

    fn right(inner: usize, columns: usize) -> Tiles {
        let rows: Vec<Vec<f64>> = (0..inner).map(|k| (0..columns).map(|c| entry(c + 50, k)).collect()).collect();
        let mut right = Tiles::default();
        right.copy_rows(inner, columns, rows.iter().map(Vec::as_slice));
        right
    }

    #[test]
    fn a_product_is_the_sum_in_ascending_order_with_the_same_bits_with_and_without_vector_instructions() {
        for (rows, inner, columns) in [(1, 1, 1), (4, 3, 8), (7, 13, 11), (9, 20, 50)] {
            let right = right(inner, columns);
            let by_rows: Vec<f64> = (0..rows).flat_map(|r| (0..inner).map(move |k| entry(r, k))).collect();
            let by_columns: Vec<f64> = (0..inner).flat_map(|k| (0..rows).map(move |r| entry(r, k))).collect();
            let mut tiles = Tiles::default();
            tiles.copy_rows(rows, inner, by_rows.chunks_exact(inner));
            for left in [Left::Rows(&by_rows, inner), Left::Transposed(&by_columns, rows), Left::Tiles(&tiles)] {
                let (mut vectorised, mut portable) = (Tiles::default(), Tiles::default());
                vectorised.reset(rows, columns);
                portable.reset(rows, columns);
                multiply(rows, left, &right, &mut Panel::new(), |r, t, sums| *vectorised.tile_mut(r, t) = *sums);
                let write = |r: usize, t: usize, sums: &[f64; TILE]| *portable.tile_mut(r, t) = *sums;
                Multiply { rows, left, right: &right, panel: &mut vec![[7.0; PANEL]; 50], write }.run();
                for (r, c) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                    let exact = (0..inner).fold(0.0, |sum, k| entry(r, k).mul_add(right.at(k, c), sum));
                    let what = format!("{rows}×{inner}×{columns} at ({r}, {c})");
                    assert_eq!(vectorised.at(r, c).to_bits(), exact.to_bits(), "{what}");
                    assert_eq!(portable.at(r, c).to_bits(), exact.to_bits(), "{what}");
                }
            }
        }
    }

    #[test]
    fn a_transpose_exchanges_rows_and_columns() {
        let original = right(13, 11);
        let mut transposed = Tiles::default();
        transposed.copy_transposed(&original, 11);
        for (k, c) in (0..13).flat_map(|k| (0..11).map(move |c| (k, c))) {
            assert_eq!(transposed.at(c, k), original.at(k, c));
        }
    }
}
