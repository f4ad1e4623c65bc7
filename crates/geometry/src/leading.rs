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

use crate::dense::{add_product, dot, for_each_column, in_range, product, require_count};
use crate::symmetric::fix_signs;
use crate::{GeometryError, Symmetric, SymmetricEigen};

/// Up to this dimension the full decomposition is as quick.
const FULL_UP_TO: usize = 64;
/// |Au − λu| of an accepted pair, in units of max|λ|.
const ACCEPTED_RESIDUAL: f64 = 1e-10;
/// Pairs of the iteration beyond those that are wanted: they keep a close pair at the edge from stalling it.
const GUARD: usize = 8;
/// Columns of a narrow block: fewer would leave the product with A waiting for memory.
const NARROW: usize = 16;
/// Eigenvalues that differ by less than this many times the accepted residual may be one.
const EQUAL: f64 = 8.0;
/// A decomposition of T is worth while when T has grown by this share.
const GROWTH: f64 = 0.2;
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
    /// From the full decomposition for a diagonal matrix, for d ≤ 64, for more than d/16 pairs, and where the iteration has
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
        let small = d <= FULL_UP_TO || 16 * k > d || self.is_diagonal();
        let iterated = match small {
            true => None,
            false => match iterate(self, k, NARROW, 4 * d)? {
                Iterated::Crowded => iterate(self, k, k + GUARD, 4 * d)?.converged(),
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

/// The leading pairs by blocks of at most `widest` columns, if they converge within the product of A with so many columns.
fn iterate(A: &Symmetric, k: usize, widest: usize, columns_left: usize) -> Result<Iterated, GeometryError> {
    let (A, scale) = in_range(A.as_mat());
    let wanted = k + GUARD;
    let mut space = Space::new(A.as_ref(), wanted.min(widest), A.as_ref().nrows().min(5 * wanted));
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
        worth_while = space.size + (GROWTH * space.size as f64).ceil() as usize;
        if is_full {
            space.restart(&ritz, (2 * wanted).min(space.size));
            worth_while = 0;
        }
        if is_exhausted {
            space.next_at_random();
        }
    }
}

/// An orthonormal basis V of a Krylov space of A, and T = VᵀAV.
struct Space<'a> {
    A: MatRef<'a, f64>,
    /// Columns of a block.
    width: usize,
    /// V, in the first `size` columns.
    V: Mat<f64>,
    T: Mat<f64>,
    size: usize,
    /// The next block W, orthogonal to V.
    next: Mat<f64>,
    /// WᵀA times the block before it, the last columns of V.
    coupling: Mat<f64>,
}

impl<'a> Space<'a> {
    fn new(A: MatRef<'a, f64>, width: usize, capacity: usize) -> Self {
        let d = A.nrows();
        let next = orthonormal_complement(Mat::zeros(d, 0).as_ref(), start(d, width));
        let coupling = Mat::zeros(width, 0);
        Space { A, width, V: Mat::zeros(d, capacity), T: Mat::zeros(capacity, capacity), size: 0, next, coupling }
    }

    fn capacity(&self) -> usize {
        self.V.ncols()
    }

    fn basis(&self) -> MatRef<'_, f64> {
        self.V.subcols(0, self.size)
    }

    fn projected(&self) -> MatRef<'_, f64> {
        self.T.submatrix(0, 0, self.size, self.size)
    }

    /// V ← [V, W] and W ← an orthonormal basis of AW beyond V.
    fn expand(&mut self) {
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
    fn residuals(&self, ritz: &Ritz, k: usize) -> Vec<f64> {
        let last = self.coupling.ncols();
        let R = product(self.coupling.as_ref(), ritz.vectors.submatrix(self.size - last, 0, last, k));
        (0..k).map(|j| column_norm(&R, j)).collect()
    }

    /// V ← X, cut to its leading columns.
    fn restart(&mut self, ritz: &Ritz, kept: usize) {
        let X = ritz.rotated(self.basis(), kept);
        self.V.subcols_mut(0, kept).copy_from(&X);
        self.T.fill(0.0);
        (0..kept).for_each(|j| self.T[(j, j)] = ritz.values[j]);
        self.size = kept;
    }

    /// A block beyond a space that A does not leave.
    fn next_at_random(&mut self) {
        let width = self.width.min(self.capacity() - self.size);
        self.next = orthonormal_complement(
            self.basis(),
            start(self.A.nrows(), self.size + width).subcols(self.size, width).to_owned(),
        );
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

/// Θ, descending, and Y of the projected matrix T.
struct Ritz {
    values: Vec<f64>,
    vectors: Mat<f64>,
    /// max|Θ|.
    magnitude: f64,
}

impl Ritz {
    fn new(T: MatRef<'_, f64>) -> Result<Self, GeometryError> {
        let T = Symmetric::from_symmetric_part(T);
        let eigen = T.eigen()?;
        let m = T.dimension();
        let values = eigen.values().iter().rev().copied().collect();
        let vectors = Mat::from_fn(m, m, |i, j| eigen.vectors()[(i, m - 1 - j)]);
        let magnitude = eigen.max_value().abs().max(eigen.min_value().abs());
        Ok(Ritz { values, vectors, magnitude })
    }

    /// The first `count` columns of VY.
    fn rotated(&self, V: MatRef<'_, f64>, count: usize) -> Mat<f64> {
        product(V, self.vectors.subcols(0, count))
    }

    /// Whether some `width` of the k leading values are equal and above the k-th: more copies of the k-th change nothing.
    fn may_lack_copies(&self, k: usize, width: usize, tolerance: f64) -> bool {
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

fn column_norm(A: &Mat<f64>, j: usize) -> f64 {
    dot(A.col_as_slice(j), A.col_as_slice(j)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dense::largest_magnitude;

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
        assert!(iterate(&A, 10, NARROW, 100)?.converged().is_none());
        assert!(iterate(&A, 10, NARROW, 1200)?.converged().is_some());
        Ok(())
    }
}
