//! The largest eigenvalues of a symmetric matrix and their vectors, without all the others.
//!
//! ```text
//! V = [W_0, …, W_s] orthonormal,   W_{s+1} ⊥ V spans AW_s − VVᵀAW_s,   T = VᵀAV = YΘYᵀ,   X = VY
//! AX − XΘ = W_{s+1}W_{s+1}ᵀAW_s·(the last rows of Y),   at most 10⁻¹⁰ max|Θ| for the k largest θ_j of an answer
//! ```
//!
//! A block Lanczos iteration, orthogonalised twice against its whole basis, and restarted from its leading X where that is
//! too large. The start is the same in every run.
//!
//! A random block of b columns meets min(b, m) copies of an eigenvalue that is there m times. Blocks are narrow, since a
//! space of thin blocks converges with fewer columns; where b of the k leading eigenvalues are equal, and above the k-th, more
//! of them may be missing, and the iteration begins anew with more columns than pairs are wanted.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{in_range, product, require_count};
use crate::krylov::{Ritz, Space, column_norm};
use crate::symmetric::fix_signs;
use crate::{GeometryError, Symmetric, SymmetricEigen};

/// Up to this dimension the full decomposition is as quick.
const FULL_UP_TO: usize = 128;
/// Up to this dimension it takes as long as a product with d columns, beyond as one with 4d: the iteration's other operations
/// are slow for small blocks, and those of the decomposition for large matrices.
const SMALL_UP_TO: usize = 512;
/// |Au − λu| of an accepted pair, in units of max|λ|.
const ACCEPTED_RESIDUAL: f64 = 1e-10;
/// Pairs of the iteration beyond those that are wanted: they keep a close pair at the edge from stalling it.
const GUARD: usize = 8;
/// Columns of a narrow block: fewer would leave the product with A waiting for memory, and 24 are two of faer's tiles.
const NARROW: usize = 24;
/// Columns of a block for one pair: a few in one product cost little more than one.
const NARROWEST: usize = 4;
/// Eigenvalues that differ by less than this many times the accepted residual may be one.
const EQUAL: f64 = 8.0;
/// A decomposition of T is worth while again when T has grown by one part in so many.
const GROWTH: usize = 5;

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
    /// From the full decomposition for a diagonal matrix, for d ≤ 128, for more than d/16 pairs, and where the iteration has
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
        let columns = if d <= SMALL_UP_TO { d } else { 4 * d };
        let small = d <= FULL_UP_TO || 16 * k > d || self.is_diagonal();
        let iterated = match small {
            true => None,
            false => match iterate(self, k, k.clamp(NARROWEST, NARROW), columns)? {
                Iterated::Crowded => iterate(self, k, k + GUARD, columns)?.converged(),
                narrow => narrow.converged(),
            },
        };
        match iterated {
            Some(leading) => Ok(leading),
            None => Ok(LeadingEigen::from_full(&self.eigen()?, k)),
        }
    }
}

/// What an iteration ends with.
enum Iterated {
    Converged(LeadingEigen),
    /// As many equal eigenvalues as a block has columns.
    Crowded,
    Stalled,
}

impl Iterated {
    fn converged(self) -> Option<LeadingEigen> {
        match self {
            Iterated::Converged(leading) => Some(leading),
            Iterated::Crowded | Iterated::Stalled => None,
        }
    }
}

/// The leading pairs by blocks of `width` columns, if they converge within the product of A with so many columns.
fn iterate(A: &Symmetric, k: usize, width: usize, columns_left: usize) -> Result<Iterated, GeometryError> {
    let (A, scale) = in_range(A.as_mat());
    let wanted = k + GUARD;
    let mut space = Space::new(A.as_ref(), width, A.as_ref().nrows().min(5 * wanted));
    let mut worth_while = 2 * k;
    let mut columns = 0;
    loop {
        columns += space.next.ncols();
        if space.next.ncols() == 0 || columns > columns_left {
            return Ok(Iterated::Stalled);
        }
        space.expand();
        let is_full = space.size + space.next.ncols() > space.capacity();
        let is_exhausted = space.next.ncols() == 0;
        if space.size < worth_while.max(k) && !is_full && !is_exhausted {
            continue;
        }
        let ritz = Ritz::new(space.projected())?;
        let tolerance = ACCEPTED_RESIDUAL * ritz.magnitude;
        if space.size >= k && space.residuals(&ritz, k).iter().all(|residual| *residual <= tolerance) {
            if ritz.may_lack_copies(k, space.width, EQUAL * tolerance) {
                return Ok(Iterated::Crowded);
            }
            let accepted = accepted(A.as_ref(), &ritz, ritz.rotated(space.basis(), k), scale);
            return Ok(accepted.map_or(Iterated::Stalled, Iterated::Converged));
        }
        worth_while = space.size + space.size.div_ceil(GROWTH);
        if is_full {
            space.restart(&ritz, (2 * wanted).min(space.size));
            worth_while = 0;
        }
        if is_exhausted {
            space.next_at_random();
        }
    }
}

/// The pairs with these vectors, if a fresh product confirms their residuals.
fn accepted(A: MatRef<'_, f64>, ritz: &Ritz, mut vectors: Mat<f64>, scale: f64) -> Option<LeadingEigen> {
    let values = &ritz.values[..vectors.ncols()];
    let resolution = 2.0 * ACCEPTED_RESIDUAL * ritz.magnitude;
    let mut R = product(vectors.transpose(), A).transpose().to_owned();
    for (j, value) in values.iter().enumerate() {
        let pairs = R.col_as_slice_mut(j).iter_mut().zip(vectors.col_as_slice(j));
        pairs.for_each(|(r, x)| *r -= value * x);
    }
    if (0..R.ncols()).any(|j| column_norm(&R, j) > resolution) {
        return None;
    }
    fix_signs(&mut vectors);
    let values = values.iter().map(|value| value / scale).collect();
    Some(LeadingEigen { values, vectors, resolution: resolution / scale })
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
    fn an_iteration_without_convergence_has_no_answer() -> Result<(), GeometryError> {
        let A = reflected(|j| 1.0 + j as f64, 300);
        assert!(iterate(&A, 10, 10, 100)?.converged().is_none());
        assert!(iterate(&A, 10, 10, 1200)?.converged().is_some());
        Ok(())
    }

    #[test]
    fn a_matrix_of_small_rank_is_continued_at_random() -> Result<(), GeometryError> {
        // Two blocks of 6 exhaust the range of rank 3, and 12 pairs are wanted.
        let A = reflected(|j| if j < 3 { 3.0 - j as f64 } else { 0.0 }, 300);
        let leading = iterate(&A, 12, 6, 300)?.converged().ok_or(GeometryError::Empty { what: "answer" })?;
        assert!(
            leading.values().iter().enumerate().all(|(j, value)| (value - (3.0 - j as f64).max(0.0)).abs() < 1e-13)
        );
        let gram = product(leading.vectors().transpose(), leading.vectors());
        assert!((0..12).all(|i| (0..12).all(|j| (gram[(i, j)] - f64::from(i == j)).abs() < 1e-13)));
        Ok(())
    }
}
