//! How far a covariance is from a multiple of the identity, and how far an estimate of one must be expected to be.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::MatRef;
use geometry::frobenius_norm;

/// The isotropy distance ‖G − (tr G/d) I‖_F/‖G‖_F of a symmetric G (d×d), between 0 for a multiple of I and 1.
///
/// Its square is 1 − (tr G)²/(d‖G‖_F²), which is 1 − 1/d for rank one: the largest value of a PSD matrix is
/// √(1 − 1/d). Does not change when G is scaled or rotated. NaN for G = 0 and for an empty G. Cost O(d²). Used by ZM
/// §9.4 (ZM = arXiv 2603.02417v4) to decide whether a scalar noise model will do; an estimate of an isotropic G has a
/// positive distance too, see [`isotropic_squared_anisotropy_bound`].
///
/// # Example
/// ```
/// use faer::mat;
/// use sampling::covariance::anisotropy;
/// assert_eq!(anisotropy(mat![[2.0, 0.0], [0.0, 2.0]].as_ref()), 0.0);
/// assert!((anisotropy(mat![[3.0, 0.0], [0.0, 0.0]].as_ref()) - 0.5_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn anisotropy(G: MatRef<'_, f64>) -> f64 {
    let d = G.nrows();
    let trace: f64 = (0..d).map(|i| G[(i, i)]).sum();
    let mut deviation = G.to_owned();
    for i in 0..d {
        deviation[(i, i)] -= trace / d as f64;
    }
    frobenius_norm(deviation.as_ref()) / frobenius_norm(G)
}

/// An upper bound of E[anisotropy(Ĝ)²] for the sample covariance Ĝ of R Gaussian draws with an *isotropic* covariance
/// (*derived*):
///
/// ```text
/// E[anisotropy(Ĝ)²] ≤ (d − 1)(d + 2)/(d(d + R))
/// ```
///
/// A measured square well above it speaks for anisotropy; one below says nothing. With R − 1 = m degrees of freedom and
/// U = d‖Ĝ‖_F²/(tr Ĝ)², the square is 1 − 1/U. U does not depend on tr Ĝ (Basu), so E U = d·E‖Ĝ‖_F²/E(tr Ĝ)² =
/// d(d + R)/(dm + 2) exactly, and Jensen's inequality gives the bound, which is close where U varies little: for d = 8
/// and R = 50 it is 0.4 % too large. Infinite for R < 2, where there is no Ĝ.
#[must_use]
pub fn isotropic_squared_anisotropy_bound(dimension: usize, n_draws: u64) -> f64 {
    if n_draws < 2 {
        return f64::INFINITY;
    }
    let (d, R) = (dimension as f64, n_draws as f64);
    (d - 1.0) * (d + 2.0) / (d * (d + R))
}
