//! The largest eigenvalues of a symmetric matrix and their vectors, without all the others.
//!
//! ```text
//! V orthonormal (d×m),   T = VᵀAV = YΘYᵀ,   X = VY,   R = AX − XΘ
//! V ← [V, R]   until |R_j| ≤ 10⁻¹⁰ max|Θ| for the k largest θ_j;   V ← VY, cut to its leading columns, where m is too large
//! ```
//!
//! A block Lanczos iteration, restarted, every basis orthogonalised twice. As the first block has more columns than pairs
//! are wanted, eigenvalues may be multiple. The start is the same in every run.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{binary_scale, largest_magnitude, product, require_count, scaled};
use crate::symmetric::fix_signs;
use crate::{GeometryError, Symmetric, SymmetricEigen};

/// Up to this dimension the full decomposition is as quick.
const FULL_UP_TO: usize = 256;
/// |Au − λu| of an accepted pair, in units of max|λ|.
const ACCEPTED_RESIDUAL: f64 = 1e-10;
/// Columns of the iteration beyond the pairs that are wanted: they keep a close pair at the edge from stalling it.
const GUARD: usize = 8;
/// A new column that lies in the span of the others but for this share of its length is left out.
const DEPENDENT: f64 = 1e-12;
/// What is left of a column that keeps less than this share of its length is made orthogonal once more.
const NEARLY_DEPENDENT: f64 = 0.1;

/// The k largest eigenvalues of a symmetric matrix, descending, with orthonormal eigenvectors.
///
/// Signs as for [`SymmetricEigen`]. Where eigenvalues are equal, their vectors are some basis of the eigenspace.
#[derive(Debug, Clone)]
pub struct LeadingEigen {
    values: Vec<f64>,
    vectors: Mat<f64>,
    resolution: f64,
}

impl LeadingEigen {
    /// λ_1 ≥ … ≥ λ_k, by value and not by magnitude.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// V: orthonormal eigenvectors as columns, d×k, in the order of the values.
    pub fn vectors(&self) -> MatRef<'_, f64> {
        self.vectors.as_ref()
    }

    /// Bound of |Au − λu| for each pair, and so of the error of each eigenvalue: 0 for a diagonal matrix, 8dε·max|λ|
    /// from the full decomposition, 2·10⁻¹⁰·max|λ| from the iteration. The angle between u and an eigenvector is at most
    /// this over the distance of λ to the other eigenvalues.
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// Number of rows d of the matrix.
    pub fn dimension(&self) -> usize {
        self.vectors.nrows()
    }

    /// k.
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// The first k of these pairs.
    ///
    /// # Errors
    /// [`GeometryError::WrongCount`] for none, or more than there are.
    ///
    /// ```
    /// # use geometry::Symmetric;
    /// # use faer::mat;
    /// let leading = Symmetric::new(mat![[1.0, 0.0], [0.0, 3.0]])?.leading_eigen(2)?;
    /// assert_eq!(leading.first(1)?.values(), [3.0]);
    /// assert!(leading.first(3).is_err());
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn first(&self, k: usize) -> Result<Self, GeometryError> {
        require_count("number of leading eigenvalues", k, 1, self.count())?;
        let (values, vectors) = (self.values[..k].to_vec(), self.vectors.subcols(0, k).to_owned());
        Ok(LeadingEigen { values, vectors, resolution: self.resolution })
    }

    fn from_full(eigen: &SymmetricEigen, k: usize) -> Self {
        let d = eigen.values().len();
        let values = eigen.values().iter().rev().take(k).copied().collect();
        let vectors = Mat::from_fn(d, k, |i, j| eigen.vectors()[(i, d - 1 - j)]);
        LeadingEigen { values, vectors, resolution: eigen.resolution() }
    }
}

impl Symmetric {
    /// The k largest eigenvalues and their vectors, 1 ≤ k ≤ d.
    ///
    /// From the full decomposition for a diagonal matrix, for d ≤ 256, for more than d/8 pairs, and where the iteration has
    /// not converged after the work of a full decomposition: so a crowded spectrum costs time, never accuracy. An iterated
    /// answer is checked by fresh residuals. Cost of the iteration: 2d² a column, of which a decaying spectrum needs a few
    /// times k.
    ///
    /// # Errors
    ///
    /// [`GeometryError::WrongCount`] for k, [`GeometryError::NoConvergence`].
    ///
    /// ```
    /// # use geometry::Symmetric;
    /// # use faer::mat;
    /// let a = Symmetric::new(mat![[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, -9.0]])?;
    /// let leading = a.leading_eigen(2)?;
    /// assert!((leading.values()[0] - 3.0).abs() < 1e-14 && (leading.values()[1] - 1.0).abs() < 1e-14);
    /// assert!((leading.vectors()[(0, 0)] - 0.5_f64.sqrt()).abs() < 1e-14);
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn leading_eigen(&self, k: usize) -> Result<LeadingEigen, GeometryError> {
        let d = self.dimension();
        require_count("number of leading eigenvalues", k, 1, d)?;
        // As many products as 4d columns take about as long as a full decomposition, whose operations are slower.
        let small = d <= FULL_UP_TO || 8 * k > d || self.is_diagonal();
        let iterated = if small { None } else { iterate(self, k, 4 * d)? };
        match iterated {
            Some(leading) => Ok(leading),
            None => Ok(LeadingEigen::from_full(&self.eigen()?, k)),
        }
    }
}

/// The leading pairs, or none where they have not converged after the product of A with so many columns.
fn iterate(A: &Symmetric, k: usize, mut columns_left: usize) -> Result<Option<LeadingEigen>, GeometryError> {
    let d = A.dimension();
    let scale = binary_scale(largest_magnitude(A.as_mat()));
    let A = scaled(A.as_mat(), scale);
    let width = k + GUARD;
    let capacity = d.min(5 * width);
    let mut V = orthonormal_complement(Mat::zeros(d, 0).as_ref(), start(d, width));
    let mut AV = product(A.as_ref(), V.as_ref());
    loop {
        let ritz = Ritz::new(V.as_ref(), AV.as_ref())?;
        let tolerance = ACCEPTED_RESIDUAL * ritz.magnitude;
        let (X, R) = ritz.pairs(V.as_ref(), AV.as_ref(), width.min(V.ncols()));
        let open: Vec<usize> = (0..R.ncols()).filter(|&j| column_norm(&R, j) > tolerance).collect();
        if open.first().is_none_or(|&j| j >= k) {
            return Ok(accepted(A.as_ref(), &ritz, X, k, scale));
        }
        if V.ncols() + open.len() > capacity {
            let kept = (2 * width).min(V.ncols());
            (V, AV) = (ritz.rotated(V.as_ref(), kept), ritz.rotated(AV.as_ref(), kept));
        }
        let R = Mat::from_fn(d, open.len(), |i, j| R[(i, open[j])]);
        let W = orthonormal_complement(V.as_ref(), R);
        if W.ncols() == 0 || W.ncols() > columns_left {
            return Ok(None);
        }
        columns_left -= W.ncols();
        AV = beside(AV.as_ref(), product(A.as_ref(), W.as_ref()).as_ref());
        V = beside(V.as_ref(), W.as_ref());
    }
}

/// The first k pairs, if a fresh product confirms their residuals.
fn accepted(A: MatRef<'_, f64>, ritz: &Ritz, X: Mat<f64>, k: usize, scale: f64) -> Option<LeadingEigen> {
    let mut vectors = X.subcols(0, k).to_owned();
    let values = &ritz.values[..k];
    let resolution = 2.0 * ACCEPTED_RESIDUAL * ritz.magnitude;
    let R = residuals(product(A, vectors.as_ref()), vectors.as_ref(), values);
    if (0..k).any(|j| column_norm(&R, j) > resolution) {
        return None;
    }
    fix_signs(&mut vectors);
    let values = values.iter().map(|value| value / scale).collect();
    Some(LeadingEigen { values, vectors, resolution: resolution / scale })
}

/// Θ, descending, and Y of the projected matrix VᵀAV.
struct Ritz {
    values: Vec<f64>,
    vectors: Mat<f64>,
    /// max|Θ|.
    magnitude: f64,
}

impl Ritz {
    fn new(V: MatRef<'_, f64>, AV: MatRef<'_, f64>) -> Result<Self, GeometryError> {
        let T = Symmetric::from_symmetric_part(product(V.transpose(), AV).as_ref());
        let eigen = T.eigen()?;
        let m = T.dimension();
        let values = eigen.values().iter().rev().copied().collect();
        let vectors = Mat::from_fn(m, m, |i, j| eigen.vectors()[(i, m - 1 - j)]);
        let magnitude = eigen.max_value().abs().max(eigen.min_value().abs());
        Ok(Ritz { values, vectors, magnitude })
    }

    /// The first `count` columns of BY.
    fn rotated(&self, B: MatRef<'_, f64>, count: usize) -> Mat<f64> {
        product(B, self.vectors.subcols(0, count))
    }

    /// The first `count` columns of X and of AX − XΘ.
    fn pairs(&self, V: MatRef<'_, f64>, AV: MatRef<'_, f64>, count: usize) -> (Mat<f64>, Mat<f64>) {
        let X = self.rotated(V, count);
        let R = residuals(self.rotated(AV, count), X.as_ref(), &self.values);
        (X, R)
    }
}

fn residuals(AX: Mat<f64>, X: MatRef<'_, f64>, values: &[f64]) -> Mat<f64> {
    Mat::from_fn(AX.nrows(), AX.ncols(), |i, j| AX[(i, j)] - values[j] * X[(i, j)])
}

/// An orthonormal basis of what the columns of W add to those of V, by Gram and Schmidt, twice.
fn orthonormal_complement(V: MatRef<'_, f64>, mut W: Mat<f64>) -> Mat<f64> {
    for j in 0..W.ncols() {
        normalise(W.col_as_slice_mut(j));
    }
    for _ in 0..2 {
        let inside = product(V, product(V.transpose(), W.as_ref()).as_ref());
        W -= inside;
    }
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(W.ncols());
    for j in 0..W.ncols() {
        let mut w = W.col_as_slice(j).to_vec();
        basis.iter().chain(&basis).for_each(|v| remove(&mut w, |i| v[i]));
        let kept = normalise(&mut w);
        if kept <= DEPENDENT {
            continue;
        }
        if kept < NEARLY_DEPENDENT {
            // Its new length has magnified what rounding left of V and of the basis.
            (0..V.ncols()).for_each(|c| remove(&mut w, |i| V[(i, c)]));
            basis.iter().for_each(|v| remove(&mut w, |i| v[i]));
            normalise(&mut w);
        }
        basis.push(w);
    }
    Mat::from_fn(W.nrows(), basis.len(), |i, j| basis[j][i])
}

/// w ← w − (vᵀw)v.
fn remove(w: &mut [f64], v: impl Fn(usize) -> f64) {
    let inside: f64 = w.iter().enumerate().map(|(i, w)| v(i) * w).sum();
    w.iter_mut().enumerate().for_each(|(i, w)| *w -= inside * v(i));
}

/// Divides v by its length, which it returns.
fn normalise(v: &mut [f64]) -> f64 {
    let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
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

fn beside(A: MatRef<'_, f64>, B: MatRef<'_, f64>) -> Mat<f64> {
    let m = A.ncols();
    Mat::from_fn(A.nrows(), m + B.ncols(), |i, j| if j < m { A[(i, j)] } else { B[(i, j - m)] })
}

fn column_norm(A: &Mat<f64>, j: usize) -> f64 {
    A.col_as_slice(j).iter().map(|a| a * a).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reflected diagonal matrix, whose eigenvectors are the columns of the reflection.
    fn reflected(values: impl Fn(usize) -> f64, d: usize) -> Symmetric {
        let u = 1.0 / (d as f64).sqrt();
        let reflection = Mat::from_fn(d, d, |i, j| f64::from(i == j) - 2.0 * u * u);
        let D = Mat::from_fn(d, d, |i, j| values(j) * reflection[(i, j)]);
        Symmetric::from_symmetric_part(product(D.as_ref(), reflection.as_ref()).as_ref())
    }

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
    fn an_iteration_without_convergence_has_no_answer() -> Result<(), GeometryError> {
        let A = reflected(|j| 1.0 + j as f64, 300);
        assert!(iterate(&A, 10, 100)?.is_none());
        assert!(iterate(&A, 10, 1200)?.is_some());
        Ok(())
    }
}
