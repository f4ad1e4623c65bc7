//! Passes over the entries of matrices: by columns, by square tiles, and in sums that run beside each other.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use std::ops::Range;

use faer::MatRef;

/// Sums beside each other in a pass over a matrix: the order of additions is fixed, and independent of vector instructions.
pub(crate) const LANES: usize = 8;
/// Rows and columns of a tile: two of them fit in the first cache.
const TILE: usize = 32;

/// Visits the columns in order, as they stand where each is contiguous.
pub(crate) fn for_each_column(A: MatRef<'_, f64>, mut visit: impl FnMut(&[f64])) {
    match A.try_as_col_major() {
        Some(A) => (0..A.ncols()).for_each(|j| visit(A.col(j).as_slice())),
        None => {
            let mut column = vec![0.0; A.nrows()];
            for j in 0..A.ncols() {
                column.iter_mut().zip(A.col(j).iter()).for_each(|(to, from)| *to = *from);
                visit(&column);
            }
        }
    }
}

/// Visits the lower triangle of a d×d matrix by square tiles, `visit(rows, columns)`, whose transposes too fit in a cache.
pub(crate) fn for_each_tile(d: usize, mut visit: impl FnMut(Range<usize>, Range<usize>)) {
    for column in (0..d).step_by(TILE) {
        for row in (column..d).step_by(TILE) {
            visit(row..d.min(row + TILE), column..d.min(column + TILE));
        }
    }
}

/// Adds the squares of the scaled entries, eight sums beside each other.
pub(crate) fn add_squares(entries: &[f64], scale: f64, sums: &mut [f64; LANES]) {
    let (lanes, rest) = entries.as_chunks::<LANES>();
    for entries in lanes {
        for (sum, entry) in sums.iter_mut().zip(entries) {
            let scaled = entry * scale;
            *sum += scaled * scaled;
        }
    }
    rest.iter().for_each(|entry| sums[0] += (entry * scale) * (entry * scale));
}

/// vᵀw, in eight sums beside each other.
pub(crate) fn dot(v: &[f64], w: &[f64]) -> f64 {
    let ((v, v_rest), (w, w_rest)) = (v.as_chunks::<LANES>(), w.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (v, w) in v.iter().zip(w) {
        for (sum, (v, w)) in sums.iter_mut().zip(v.iter().zip(w)) {
            *sum += v * w;
        }
    }
    sums.iter().sum::<f64>() + v_rest.iter().zip(w_rest).map(|(v, w)| v * w).sum::<f64>()
}

/// Whether a square matrix equals its transpose bit for bit.
pub(crate) fn is_exactly_symmetric(A: MatRef<'_, f64>) -> bool {
    let Some(A) = A.try_as_col_major() else {
        return false;
    };
    let columns: Vec<&[f64]> = (0..A.ncols()).map(|j| A.col(j).as_slice()).collect();
    let mut is_symmetric = true;
    for_each_tile(columns.len(), |rows, tile| {
        for j in tile {
            let below = &columns[j][rows.clone()];
            let differs = |(i, entry): (usize, &f64)| entry.to_bits() != columns[i][j].to_bits();
            is_symmetric &= !rows.clone().zip(below).any(differs);
        }
    });
    is_symmetric
}
