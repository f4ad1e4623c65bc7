//! Krylov spaces of a symmetric matrix by blocks, with its projection on them.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{add_product, product};
use crate::passes::{dot, for_each_column};
use crate::{GeometryError, Symmetric};

/// A new column that lies in the span of the others but for this share of its length is left out.
const DEPENDENT: f64 = 1e-12;
/// What is left of a column that keeps less than this share of its length is made orthogonal once more.
const NEARLY_DEPENDENT: f64 = 0.1;

/// An orthonormal basis V of a Krylov space of A, and T = VᵀAV.
pub(crate) struct Space<'a> {
    A: MatRef<'a, f64>,
    /// Columns of a block.
    pub(crate) width: usize,
    /// V, in the first `size` columns.
    V: Mat<f64>,
    T: Mat<f64>,
    pub(crate) size: usize,
    /// The next block W, orthogonal to V.
    pub(crate) next: Mat<f64>,
    /// WᵀA times the block before it, the last columns of V.
    coupling: Mat<f64>,
}

impl<'a> Space<'a> {
    pub(crate) fn new(A: MatRef<'a, f64>, width: usize, capacity: usize) -> Self {
        let d = A.nrows();
        let next = orthonormal_complement(Mat::zeros(d, 0).as_ref(), start(d, width));
        let coupling = Mat::zeros(width, 0);
        Space { A, width, V: Mat::zeros(d, capacity), T: Mat::zeros(capacity, capacity), size: 0, next, coupling }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.V.ncols()
    }

    pub(crate) fn basis(&self) -> MatRef<'_, f64> {
        self.V.subcols(0, self.size)
    }

    pub(crate) fn projected(&self) -> MatRef<'_, f64> {
        self.T.submatrix(0, 0, self.size, self.size)
    }

    /// V ← [V, W] and W ← an orthonormal basis of AW beyond V.
    pub(crate) fn expand(&mut self) {
        let (first, added) = (self.size, self.next.ncols());
        self.size += added;
        self.V.subcols_mut(first, added).copy_from(&self.next);
        // A is symmetric, and its product from the left is the quicker one.
        let AW = product(self.next.transpose(), self.A).transpose().to_owned();
        let columns = product(self.basis().transpose(), AW.as_ref());
        for (j, i) in (0..added).flat_map(|j| (0..self.size).map(move |i| (j, i))) {
            self.T[(i, first + j)] = columns[(i, j)];
            self.T[(first + j, i)] = columns[(i, j)];
        }
        let next = orthonormal_complement(self.basis(), AW.clone());
        self.coupling = product(next.transpose(), AW.as_ref());
        self.next = next;
    }

    /// |AX_j − X_jθ_j| of the first k pairs.
    pub(crate) fn residuals(&self, ritz: &Ritz, k: usize) -> Vec<f64> {
        let last = self.coupling.ncols();
        let R = product(self.coupling.as_ref(), ritz.vectors.submatrix(self.size - last, 0, last, k));
        (0..k).map(|j| column_norm(&R, j)).collect()
    }

    /// V ← X, cut to its leading columns.
    pub(crate) fn restart(&mut self, ritz: &Ritz, kept: usize) {
        let X = ritz.rotated(self.basis(), kept);
        self.V.subcols_mut(0, kept).copy_from(&X);
        self.T.fill(0.0);
        (0..kept).for_each(|j| self.T[(j, j)] = ritz.values[j]);
        self.size = kept;
    }

    /// A block beyond a space that A does not leave.
    pub(crate) fn next_at_random(&mut self) {
        let width = self.width.min(self.capacity() - self.size);
        self.next = orthonormal_complement(
            self.basis(),
            start(self.A.nrows(), self.size + width).subcols(self.size, width).to_owned(),
        );
    }
}

/// Θ, descending, and Y of the projected matrix T.
pub(crate) struct Ritz {
    pub(crate) values: Vec<f64>,
    vectors: Mat<f64>,
    /// max|Θ|.
    pub(crate) magnitude: f64,
}

impl Ritz {
    pub(crate) fn new(T: MatRef<'_, f64>) -> Result<Self, GeometryError> {
        let T = Symmetric::from_symmetric_part(T);
        let eigen = T.eigen()?;
        let m = T.dimension();
        let values = eigen.values().iter().rev().copied().collect();
        let vectors = Mat::from_fn(m, m, |i, j| eigen.vectors()[(i, m - 1 - j)]);
        let magnitude = eigen.max_value().abs().max(eigen.min_value().abs());
        Ok(Ritz { values, vectors, magnitude })
    }

    /// The first `count` columns of VY.
    pub(crate) fn rotated(&self, V: MatRef<'_, f64>, count: usize) -> Mat<f64> {
        product(V, self.vectors.subcols(0, count))
    }

    /// Whether some `width` of the k leading values are equal and above the k-th: more copies of the k-th change nothing.
    pub(crate) fn may_lack_copies(&self, k: usize, width: usize, tolerance: f64) -> bool {
        let above = self.values[..k].iter().take_while(|value| **value > self.values[k - 1] + tolerance).count();
        self.values[..above].windows(width).any(|equal| equal[0] - equal[width - 1] <= tolerance)
    }
}

/// An orthonormal basis of what the columns of W add to those of V, by Gram and Schmidt, twice.
fn orthonormal_complement(V: MatRef<'_, f64>, mut W: Mat<f64>) -> Mat<f64> {
    for j in 0..W.ncols() {
        normalise(W.col_as_slice_mut(j));
    }
    for _ in 0..2 {
        let inside = product(V.transpose(), W.as_ref());
        add_product(&mut W, -1.0, V, inside.as_ref());
    }
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(W.ncols());
    for j in 0..W.ncols() {
        let mut w = W.col_as_slice(j).to_vec();
        basis.iter().chain(&basis).for_each(|v| remove(&mut w, v));
        let kept = normalise(&mut w);
        if kept <= DEPENDENT {
            continue;
        }
        if kept < NEARLY_DEPENDENT {
            // Its new length has magnified what rounding left of V and of the basis.
            for_each_column(V, |v| remove(&mut w, v));
            basis.iter().for_each(|v| remove(&mut w, v));
            normalise(&mut w);
        }
        basis.push(w);
    }
    Mat::from_fn(W.nrows(), basis.len(), |i, j| basis[j][i])
}

/// w ← w − (vᵀw)v.
fn remove(w: &mut [f64], v: &[f64]) {
    let inside = dot(v, w);
    w.iter_mut().zip(v).for_each(|(w, v)| *w -= inside * v);
}

/// Divides v by its length, which it returns.
fn normalise(v: &mut [f64]) -> f64 {
    let length = dot(v, v).sqrt();
    v.iter_mut().for_each(|v| *v /= length);
    length
}

/// Numbers in [−½, ½) without a pattern that a matrix could share: the sequence of splitmix64 from 0.
fn start(d: usize, width: usize) -> Mat<f64> {
    let mut state = 0_u64;
    Mat::from_fn(d, width, |_, _| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    })
}

pub(crate) fn column_norm(A: &Mat<f64>, j: usize) -> f64 {
    dot(A.col_as_slice(j), A.col_as_slice(j)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::largest_magnitude;

    #[test]
    fn columns_that_are_nearly_in_a_span_still_give_a_basis_orthogonal_to_it() {
        let d = 300;
        let V = orthonormal_complement(Mat::zeros(d, 0).as_ref(), start(d, 20));
        let W = start(d, 26);
        // Column 20 is of the span of V but for 10⁻¹⁰, column 22 is column 21 but for as much, the others are new.
        let near = |i: usize, j: usize| match j {
            0 => V[(i, 3)] + 2.0 * V[(i, 7)] + 1e-10 * W[(i, 20)],
            2 => W[(i, 21)] + V[(i, 0)] + 1e-10 * W[(i, 22)],
            j => W[(i, 20 + j)] + if j == 1 { V[(i, 0)] } else { 0.0 },
        };
        let basis = orthonormal_complement(V.as_ref(), Mat::from_fn(d, 5, near));
        assert_eq!(basis.ncols(), 5);
        let gap = |A: Mat<f64>, unit: f64| {
            Mat::from_fn(A.nrows(), A.ncols(), |i, j| A[(i, j)] - if i == j { unit } else { 0.0 })
        };
        let within = gap(product(basis.transpose(), basis.as_ref()), 1.0);
        let across = gap(product(V.transpose(), basis.as_ref()), 0.0);
        assert!(largest_magnitude(within.as_ref()) < 1e-14 && largest_magnitude(across.as_ref()) < 1e-14);
    }

    #[test]
    fn copies_may_be_missing_where_a_whole_block_of_values_is_equal_and_above_the_last() -> Result<(), GeometryError> {
        let values = [5.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0];
        let ritz = Ritz::new(Mat::from_fn(7, 7, |i, j| if i == j { values[i] } else { 0.0 }).as_ref())?;
        assert_eq!(ritz.values, values);
        let lacks = |k, width| ritz.may_lack_copies(k, width, 0.125);
        assert!(lacks(5, 3) && lacks(5, 2) && !lacks(5, 4));
        // Three equal values are the last ones wanted: more copies of them would change nothing.
        assert!(!lacks(4, 3) && !lacks(7, 4) && lacks(7, 3));
        // A value that is above the last by no more than the tolerance counts as equal to it.
        assert!(!ritz.may_lack_copies(5, 3, 1.0));
        Ok(())
    }
}
