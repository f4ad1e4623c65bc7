//! How two symmetric matrices relate: how nearly they commute, beside two that know nothing of each other, and whether one
//! is below the other.
//!
//! ```text
//! value     ‖CH − HC‖_F/(‖C‖_F‖H‖_F)
//! baseline  √(E‖CH' − H'C‖_F²)/(‖C‖_F‖H‖_F) = √(2d/((d−1)(d+2)))·‖C₀‖_F‖H₀‖_F/(‖C‖_F‖H‖_F),   A₀ = A − (tr A/d)I
//! ```
//!
//! with H' = QHQᵀ and Q from the Haar law on O(d). *Derivation:* the commutator does not see multiples of I, so let both
//! traces vanish. E H'² = (‖H‖²/d)I, and the law of Q leaves E H'_ijH'_kl = α δ_ijδ_kl + β(δ_ikδ_jl + δ_ilδ_jk), where
//! tr H' = 0 and ‖H'‖ = ‖H‖ require β = ‖H‖²/((d−1)(d+2)) and α = −2β/d. So E‖CH' − H'C‖² = 2E[tr C²H'² − tr CH'CH'] =
//! 2‖C‖²(‖H‖²/d − α − β) = ‖C‖²‖H‖²·2d/((d−1)(d+2)).

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use faer::{Mat, MatRef};

use crate::dense::{
    binary_scale, frobenius_norm, in_range, largest_magnitude, product, require_count, require_finite,
    require_positive, require_shape, require_square, rounding, scaled, trace,
};
use crate::outside::{Sizes, Source, Within, outside};
use crate::{GeometryError, LeadingEigen, Symmetric};

/// Relative commutator ‖CH − HC‖_F/(‖C‖_F‖H‖_F), between 0 (they commute) and √2, for d×d matrices.
///
/// The bound √2 is the theorem of Böttcher and Wenzel (Linear Algebra Appl. 429 (2008) 1864–1885). Does not change when C
/// or H is scaled. Used by ZYT to compare gradient covariance and Hessian. Cost: two products.
///
/// # Errors
///
/// [`GeometryError::NotSquare`], [`GeometryError::ShapeMismatch`], [`GeometryError::NotFinite`], and
/// [`GeometryError::NotPositive`] when a norm is zero, as the ratio has no value then.
///
/// ```
/// # use geometry::relative_commutator;
/// # use faer::mat;
/// let c = mat![[1.0, 0.0], [0.0, -1.0]];
/// let h = mat![[0.0, 1.0], [1.0, 0.0]];
/// assert!((relative_commutator(c.as_ref(), h.as_ref())? - 2.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn relative_commutator(C: MatRef<'_, f64>, H: MatRef<'_, f64>) -> Result<f64, GeometryError> {
    require_square(C)?;
    require_shape("second matrix of a commutator", H, C.nrows(), C.ncols())?;
    require_finite("first matrix of a commutator", C)?;
    require_finite("second matrix of a commutator", H)?;
    let C = scaled(C, binary_scale(largest_magnitude(C)));
    let H = scaled(H, binary_scale(largest_magnitude(H)));
    let (norm_C, norm_H) = (frobenius_norm(C.as_ref()), frobenius_norm(H.as_ref()));
    require_positive("norm of the first matrix of a commutator", norm_C)?;
    require_positive("norm of the second matrix of a commutator", norm_H)?;
    let commutator = product(C.as_ref(), H.as_ref()) - product(H.as_ref(), C.as_ref());
    Ok(frobenius_norm(commutator.as_ref()) / (norm_C * norm_H))
}

/// The root mean square of [`relative_commutator`]`(C, H')` over all rotations H' = QHQᵀ, Q from the Haar law on O(d).
///
/// √(2d/((d−1)(d+2))) for matrices of trace 0, less for others, 0 where one is a multiple of I and for d = 1. Cost: d².
/// Compared with by ZYT, who draw rotations; the closed form is derived at the top of this file.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], and [`GeometryError::NotPositive`] when a norm is zero.
///
/// ```
/// # use geometry::{Symmetric, rotated_commutator};
/// # use faer::mat;
/// // Two reflections of the plane with an angle φ between their eigenbases: √2|sin 2φ|, whose mean square is 1.
/// let c = Symmetric::new(mat![[1.0, 0.0], [0.0, -1.0]])?;
/// assert!((rotated_commutator(&c, &c)? - 1.0).abs() < 1e-15);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
pub fn rotated_commutator(C: &Symmetric, H: &Symmetric) -> Result<f64, GeometryError> {
    let d = C.dimension();
    require_shape("second matrix of a commutator", H.as_mat(), d, d)?;
    let sizes = |A: &Symmetric| Sizes { norm: frobenius_norm(A.as_mat()), trace: A.trace() };
    Ok(baseline(d, traceless_share(sizes(C), d)?, traceless_share(sizes(H), d)?))
}

/// How nearly two matrices, or two blocks of them, commute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Commutator {
    /// ‖CH − HC‖_F/(‖C‖_F‖H‖_F).
    pub value: f64,
    /// Its root mean square when H is rotated at random, in the dimension of the block.
    pub baseline: f64,
}

impl Commutator {
    /// value/baseline: 0 where they commute, about 1 where they know nothing of each other.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositive`] when the baseline is 0: multiples of I, or a block of one dimension.
    pub fn over_baseline(&self) -> Result<f64, GeometryError> {
        require_positive("baseline of a commutator", self.baseline)?;
        Ok(self.value / self.baseline)
    }
}

/// The commutator of C and H split by the leading eigenvectors V of H (ZYT).
///
/// A block is absent where it has no dimensions, or where C or H is nothing but rounding in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Commutation {
    /// Of C and H.
    pub total: Commutator,
    /// Of VᵀCV and VᵀHV = Λ, in k dimensions.
    pub top: Option<Commutator>,
    /// Of PCP and PHP, P = I − VVᵀ, in d − k dimensions.
    pub bulk: Option<Commutator>,
}

impl Commutation {
    /// Splits the commutator of C and H (d×d) by `leading` eigenvectors of this H.
    ///
    /// One product CH gives both, as HC = (CH)ᵀ and, P commuting with H, [PCP, PHP] = P[C, H]P. The latter holds within
    /// the residuals of V, so the bulk has an error of the order of [`LeadingEigen::resolution`] in units of ‖H‖_F and of
    /// ‖C‖_F. Cost: 2d³ + O(d²k), without the former where both are diagonal.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`], and [`GeometryError::NotPositive`] when C or H is 0.
    ///
    /// ```
    /// # use geometry::{Commutation, Symmetric};
    /// # use faer::mat;
    /// let h = Symmetric::new(mat![[5.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]])?;
    /// let c = Symmetric::new(mat![[2.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])?;
    /// let commutation = Commutation::new(&c, &h, &h.leading_eigen(1)?)?;
    /// // C does not mix the leading direction with the others, among which it is the worst possible.
    /// assert_eq!(commutation.top.map(|top| top.value), Some(0.0));
    /// assert!(commutation.bulk.is_some_and(|bulk| (bulk.value - 2.0_f64.sqrt()).abs() < 1e-15));
    /// # Ok::<(), geometry::GeometryError>(())
    /// ```
    pub fn new(C: &Symmetric, H: &Symmetric, leading: &LeadingEigen) -> Result<Self, GeometryError> {
        Self::with_resolution(C, 0.0, H, leading)
    }

    /// The same for a C that may be off by `resolution` in Frobenius norm, such as that of
    /// [`GradientNoise`](crate::GradientNoise): a block in which C is no larger is absent.
    ///
    /// # Errors
    ///
    /// As [`Commutation::new`]; [`GeometryError::NotPositive`] also when all of C is no larger than its resolution.
    pub fn with_resolution(
        C: &Symmetric,
        resolution: f64,
        H: &Symmetric,
        leading: &LeadingEigen,
    ) -> Result<Self, GeometryError> {
        Self::embedded(C.dimension(), C, resolution, H, leading)
    }

    /// The same for C and H that stand in `dimension` ≥ d dimensions, and are 0 in all beyond those given: only the baselines
    /// and the dimension of the bulk change.
    ///
    /// # Errors
    ///
    /// As [`Commutation::with_resolution`]; [`GeometryError::WrongCount`] for a dimension below d.
    pub fn embedded(
        dimension: usize,
        C: &Symmetric,
        resolution: f64,
        H: &Symmetric,
        leading: &LeadingEigen,
    ) -> Result<Self, GeometryError> {
        let (d, k, V) = (C.dimension(), leading.count(), leading.vectors());
        require_shape("second matrix of a commutator", H.as_mat(), d, d)?;
        require_shape("leading eigenvectors", V, d, k)?;
        require_count("dimension of a commutator", dimension, d, usize::MAX)?;
        let norm = frobenius_norm(C.as_mat());
        require_positive("norm of the first matrix of a commutator, beyond rounding,", norm - resolution)?;
        let commute = C.is_diagonal() && H.is_diagonal();
        let ((C, scale_C), (H, scale_H)) = (in_range(C.as_mat()), in_range(H.as_mat()));
        let (C, H) = (C.as_ref(), H.as_ref());
        let CH = if commute { Mat::zeros(d, d) } else { product(C, H) };
        let [sizes_C, sizes_H] = [C, H].map(|A| outside(&Source::Symmetric(A), None));
        let total = block(dimension, outside(&Source::Commutator(&CH), None), sizes_C, sizes_H)?;

        let CV = product(C, V);
        let noise = product(V.transpose(), CV.as_ref());
        let curvatures: Vec<f64> = leading.values().iter().map(|value| value * scale_H).collect();
        let Lambda = Mat::from_fn(k, k, |i, j| if i == j { curvatures[i] } else { 0.0 });
        let mixed = Mat::from_fn(k, k, |i, j| noise[(i, j)] * (curvatures[j] - curvatures[i]));
        let smallest_C = (resolution * scale_C).max(rounding(d) * sizes_C.norm);
        let smallest_H = (rounding(d) * sizes_H.norm).max(leading.resolution() * scale_H);
        let resolved = |C: Sizes, H: Sizes| C.norm > smallest_C && H.norm > smallest_H;
        let [mixed, noise, Lambda] =
            [mixed, noise, Lambda].map(|A| Sizes { norm: frobenius_norm(A.as_ref()), trace: trace(A.as_ref()) });
        let top = resolved(noise, Lambda).then(|| block(k, mixed, noise, Lambda));

        let bulk = |A: Source<'_>, AV: Mat<f64>| outside(&A, Some(&Within::new(V, AV)));
        let (C, H) = (bulk(Source::Symmetric(C), CV), bulk(Source::Symmetric(H), product(H, V)));
        let bulk = (k < d && resolved(C, H)).then(|| {
            let KV = product(CH.as_ref(), V) - product(CH.transpose(), V);
            block(dimension - k, bulk(Source::Commutator(&CH), KV), C, H)
        });
        Ok(Commutation { total, top: top.transpose()?, bulk: bulk.transpose()? })
    }
}

/// The comparison A ⪯ B in the Loewner order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoewnerGap {
    /// Smallest eigenvalue of B − A; A ⪯ B iff it is ≥ 0.
    pub smallest_eigenvalue: f64,
    /// Error bound of that eigenvalue, 8dε(‖A‖_F + ‖B‖_F).
    pub tolerance: f64,
}

impl LoewnerGap {
    /// Whether A ⪯ B up to rounding: smallest eigenvalue ≥ −tolerance.
    pub fn holds(&self) -> bool {
        self.smallest_eigenvalue >= -self.tolerance
    }
}

/// Compares two symmetric matrices in the Loewner order, A ⪯ B iff B − A is positive semidefinite. Cost: O(d³).
///
/// By ZM Remark 9.1 a sampling design with G' ⪯ G has Σ' ⪯ Σ.
///
/// # Errors
///
/// [`GeometryError::ShapeMismatch`], [`GeometryError::NotFinite`] when B − A overflows, [`GeometryError::NoConvergence`].
pub fn loewner_le(A: &Symmetric, B: &Symmetric) -> Result<LoewnerGap, GeometryError> {
    require_shape("second matrix of a comparison", B.as_mat(), A.dimension(), A.dimension())?;
    let difference = Symmetric::new(B.as_mat() - A.as_mat())?;
    let tolerance = rounding(A.dimension()) * (frobenius_norm(A.as_mat()) + frobenius_norm(B.as_mat()));
    Ok(LoewnerGap { smallest_eigenvalue: difference.eigen()?.min_value(), tolerance })
}

/// The commutator K of two matrices that live in `dimension` dimensions, and are zero in all others.
fn block(dimension: usize, K: Sizes, C: Sizes, H: Sizes) -> Result<Commutator, GeometryError> {
    let baseline = baseline(dimension, traceless_share(C, dimension)?, traceless_share(H, dimension)?);
    Ok(Commutator { value: K.norm / (C.norm * H.norm), baseline })
}

/// √(2d/((d−1)(d+2))) times the shares of the two norms.
fn baseline(dimension: usize, first_share: f64, second_share: f64) -> f64 {
    if dimension == 1 {
        return 0.0;
    }
    let d = dimension as f64;
    (2.0 * d / ((d - 1.0) * (d + 2.0))).sqrt() * first_share * second_share
}

/// ‖A − (tr A/d)I‖_F/‖A‖_F of a matrix that lives in d = `dimension` dimensions; 0 where rounding could have made it.
fn traceless_share(A: Sizes, dimension: usize) -> Result<f64, GeometryError> {
    require_positive("norm of a matrix of a commutator", A.norm)?;
    let relative_trace = A.trace / A.norm;
    let squared = 1.0 - relative_trace * relative_trace / dimension as f64;
    Ok(if squared > rounding(dimension) { squared.sqrt() } else { 0.0 })
}
