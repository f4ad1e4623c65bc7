//! Fisher and Godambe geometry at a minimum: the sandwich, the strong-convexity constant, the effective dimension.

#![allow(non_snake_case, reason = "matrices keep the names they have in the papers")]

use crate::cholesky::solve_lower;
use crate::dense::{gram, product, require_shape};
use crate::{GeometryError, Projector, Psd, Spd, Symmetric};

/// The three matrices that describe SGD at a minimum θ*, in one dimension d.
///
/// For a well-specified likelihood F = G = H (the Bartlett identities, ZM Lemma 3.2); for a misspecified model they
/// differ. On a model with unidentifiable directions restrict all three first: [`Projector::restrict`].
///
/// ```
/// # use geometry::{FisherGeometry, Spd, frobenius_norm};
/// # use faer::mat;
/// let f = Spd::new(mat![[2.0, 0.5], [0.5, 1.0]])?;
/// let g = Spd::new(mat![[1.0, 0.3], [0.3, 2.0]])?;
/// let h = Spd::new(mat![[3.0, 1.0], [1.0, 2.0]])?;
/// let geometry = FisherGeometry::new(f, g.into(), h)?;
/// // V = H⁻¹GH⁻¹ and J = HG⁻¹H are inverse to each other.
/// let (v, j) = (geometry.sandwich()?, geometry.godambe_information()?);
/// let residual = v.as_mat() * j.as_mat() - faer::Mat::<f64>::identity(2, 2);
/// assert!(frobenius_norm(residual.as_ref()) < 1e-14);
/// # Ok::<(), geometry::GeometryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FisherGeometry {
    fisher: Spd,
    gradient_covariance: Psd,
    curvature: Spd,
}

impl FisherGeometry {
    /// Gathers F, G and H, d×d each.
    ///
    /// # Errors
    ///
    /// [`GeometryError::ShapeMismatch`] when G or H does not have the dimension of F.
    pub fn new(fisher: Spd, gradient_covariance: Psd, curvature: Spd) -> Result<Self, GeometryError> {
        let d = fisher.dimension();
        require_shape("gradient covariance", gradient_covariance.as_mat(), d, d)?;
        require_shape("curvature", curvature.as_mat(), d, d)?;
        Ok(Self { fisher, gradient_covariance, curvature })
    }

    /// Fisher information F.
    pub fn fisher(&self) -> &Spd {
        &self.fisher
    }

    /// Per-sample gradient covariance G.
    pub fn gradient_covariance(&self) -> &Psd {
        &self.gradient_covariance
    }

    /// Curvature H of the drift.
    pub fn curvature(&self) -> &Spd {
        &self.curvature
    }

    /// Number of parameters d ≥ 1.
    pub fn dimension(&self) -> usize {
        self.fisher.dimension()
    }

    /// Sandwich covariance V = H⁻¹GH⁻¹, formed as SSᵀ with S = H⁻¹L, G = LLᵀ. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Psd::lower_factor`] and [`Psd::new`].
    pub fn sandwich(&self) -> Result<Psd, GeometryError> {
        let S = self.curvature.solve(self.gradient_covariance.lower_factor()?.as_ref())?;
        Psd::new(gram(S.as_ref()))
    }

    /// Godambe information J = HG⁻¹H; with a singular G, J = ΠHG⁺HΠ on the identifiable subspace, Π the projector on the
    /// range of G.
    ///
    /// For an invertible G it is the inverse of [`FisherGeometry::sandwich`]; for a singular one this holds on the range
    /// only if Π commutes with H. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Psd::pseudo_inverse_sqrt`] and [`Psd::new`].
    pub fn godambe_information(&self) -> Result<Psd, GeometryError> {
        let G = &self.gradient_covariance;
        let root = G.pseudo_inverse_sqrt()?;
        let mut B = product(self.curvature.as_mat(), root.as_mat());
        if G.rank() < self.dimension() {
            B = product(G.range_projector()?.as_mat(), B.as_ref());
        }
        Psd::new(gram(B.as_ref()))
    }

    /// G* = ΠGΠ.
    ///
    /// # Errors
    ///
    /// Those of [`Projector::project`].
    pub fn projected_gradient_covariance(&self, projector: &Projector) -> Result<Psd, GeometryError> {
        projector.project(&self.gradient_covariance)
    }

    /// F* = ΠFΠ.
    ///
    /// # Errors
    ///
    /// Those of [`Projector::project`].
    pub fn projected_fisher(&self, projector: &Projector) -> Result<Psd, GeometryError> {
        projector.project(&Psd::from(&self.fisher))
    }

    /// Fisher strong-convexity constant μ_F = λ_min(sym(F^{1/2} H F^{−1/2})) = min_v vᵀFHv/vᵀFv; it may be ≤ 0.
    ///
    /// F^{1/2}HF^{−1/2} has the eigenvalues of H, and they lie in its numerical range: so μ_F ≤ λ_min(H), with equality
    /// when F and H commute. It does not change when F is scaled. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Spd::sqrt`] and [`Spd::inverse_sqrt`].
    pub fn fisher_strong_convexity(&self) -> Result<f64, GeometryError> {
        let (root, inverse_root) = (self.fisher.sqrt()?, self.fisher.inverse_sqrt()?);
        let M = product(product(root.as_mat(), self.curvature.as_mat()).as_ref(), inverse_root.as_mat());
        Ok(Symmetric::from_symmetric_part(M.as_ref()).eigen()?.min_value())
    }

    /// μ_F > 0, the form that the upper bound of ZM Theorem 6.5 needs.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotFisherConvex`] when μ_F ≤ 0, and those of [`FisherGeometry::fisher_strong_convexity`].
    pub fn positive_fisher_strong_convexity(&self) -> Result<f64, GeometryError> {
        let value = self.fisher_strong_convexity()?;
        if value > 0.0 { Ok(value) } else { Err(GeometryError::NotFisherConvex { value }) }
    }

    /// Fisher condition number κ_F = λ_max(F)/λ_min(F) ≥ 1.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn fisher_condition_number(&self) -> Result<f64, GeometryError> {
        self.fisher.condition_number()
    }

    /// Effective dimension (stable rank) d_eff = tr F/λ_max(F), 1 ≤ d_eff ≤ d.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn effective_dimension(&self) -> Result<f64, GeometryError> {
        Ok(self.fisher.trace() / self.fisher.max_eigenvalue()?)
    }

    /// κ_F·d_eff = tr F/λ_min(F), the factor of the oracle complexity in ZM Theorem 7.3.
    ///
    /// # Errors
    ///
    /// Those of [`Spd::eigen`].
    pub fn complexity_factor(&self) -> Result<f64, GeometryError> {
        Ok(self.fisher.trace() / self.fisher.min_eigenvalue()?)
    }

    /// The trace-matched isotropic surrogate (tr G/d)I, the noise that has the size of G and none of its shape.
    ///
    /// # Errors
    ///
    /// [`GeometryError::NotPositiveSemidefinite`] or [`GeometryError::NotFinite`] when tr G is negative by rounding or
    /// overflows.
    pub fn isotropic_surrogate(&self) -> Result<Psd, GeometryError> {
        let d = self.dimension();
        Psd::diagonal(&vec![self.gradient_covariance.trace() / d as f64; d])
    }

    /// The matrix HF⁻¹H of the squared dual norm of the gradient: ‖He‖²_{F⁻¹} = eᵀHF⁻¹He (ZM §7).
    ///
    /// Formed as WᵀW with LW = H, F = LLᵀ. Cost: O(d³).
    ///
    /// # Errors
    ///
    /// Those of [`Spd::new`].
    pub fn gradient_dual_norm(&self) -> Result<Spd, GeometryError> {
        let W = solve_lower(self.fisher.lower_factor().as_ref(), self.curvature.as_mat());
        Spd::new(gram(W.transpose()))
    }
}
