//! What is read off a model: losses, noise–curvature fits, alignment, sharpness.

mod layer;
mod refusal;
pub(crate) mod room;
mod snapshot;

pub(crate) use layer::Layer;
pub use room::Room;
pub use snapshot::read;

/// A number, or some numbers, that tell of a model at its parameters θ.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// L = (1/n)Σ ℓ_i.
    Loss,
    /// The share of samples that are labelled rightly.
    Accuracy,
    /// The fit of ln C_ii on ln H_ii over the leading directions of H (ZYT). It has no value where rounding leaves one of
    /// them without a logarithm: a line through fewer directions than were asked for is another one.
    NoiseCurvature {
        /// What of the fit.
        part: FitPart,
        /// How many directions, from the largest curvature down.
        directions: usize,
        /// What stands for C.
        noise: NoiseSource,
        /// What is done to the per-sample Hessians first.
        hessians: Hessians,
    },
    /// uᵀCu along the leading directions u of H, a component each.
    NoiseAlong {
        /// How many.
        directions: usize,
        /// What stands for C.
        noise: NoiseSource,
    },
    /// uᵀHu along the leading directions u of H, a component each.
    CurvatureAlong {
        /// How many.
        directions: usize,
    },
    /// ‖CH − HC‖_F/(‖C‖_F‖H‖_F), or the same divided by its root mean square for a randomly rotated H.
    Commutation {
        /// Of the whole matrices, or of their blocks.
        part: Block,
        /// How many leading directions of H are the top block.
        directions: usize,
        /// Whether it is divided by its baseline.
        over_baseline: bool,
    },
    /// The share of ‖VᵀCV‖_F² that stands on the diagonal, over the leading directions V of H.
    DiagonalEnergy {
        /// How many.
        directions: usize,
    },
    /// Relative distance min_s ‖C − sE h²‖_F/‖C‖_F.
    SquaredHessianDistance,
    /// μ = tr(Σ𝒢)/(2L‖𝒢‖_F²) (WW).
    Alignment(Centring),
    /// g = vᵀΣv/(2L·vᵀ𝒢v) (WW).
    DirectionalAlignment {
        /// v.
        direction: Direction,
        /// Which Σ.
        centring: Centring,
    },
    /// A size of a curvature matrix.
    Sharpness {
        /// Which size.
        size: Size,
        /// Which matrix.
        of: CurvatureMatrix,
    },
}

impl Reading {
    /// How many numbers it is.
    #[must_use]
    pub fn n_components(&self) -> usize {
        match self {
            Reading::NoiseAlong { directions, .. } | Reading::CurvatureAlong { directions } => *directions,
            _ => 1,
        }
    }

    /// How many leading directions of H it looks along, if it looks along some.
    #[must_use]
    pub fn directions(&self) -> Option<usize> {
        match self {
            Reading::NoiseCurvature { directions, .. }
            | Reading::NoiseAlong { directions, .. }
            | Reading::CurvatureAlong { directions }
            | Reading::Commutation { directions, .. }
            | Reading::DiagonalEnergy { directions } => Some(*directions),
            _ => None,
        }
    }

    /// Whether it needs first and second derivatives in the analysed layer.
    #[must_use]
    pub fn is_of_layer(&self) -> bool {
        let of_layer = |of: &CurvatureMatrix| *of == CurvatureMatrix::Layer;
        match self {
            Reading::SquaredHessianDistance => true,
            Reading::Sharpness { of, .. } => of_layer(of),
            _ => self.directions().is_some(),
        }
    }

    /// Whether it needs residuals and gradients of the outputs.
    #[must_use]
    pub fn is_of_outputs(&self) -> bool {
        !self.is_of_layer() && !matches!(self, Reading::Loss | Reading::Accuracy)
    }

    /// Whether it needs a random direction.
    pub(crate) fn needs_random_direction(&self) -> bool {
        matches!(self, Reading::DirectionalAlignment { direction: Direction::Random, .. })
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Reading::Loss => "loss",
            Reading::Accuracy => "accuracy",
            Reading::NoiseCurvature { part: FitPart::Exponent, .. } => "noise–curvature exponent",
            Reading::NoiseCurvature { part: FitPart::StandardError, .. } => "standard error of the exponent",
            Reading::NoiseCurvature { part: FitPart::RSquared, .. } => "R² of the noise–curvature fit",
            Reading::NoiseAlong { .. } => "noise along leading directions",
            Reading::CurvatureAlong { .. } => "curvature along leading directions",
            Reading::Commutation { .. } => "commutation of noise and curvature",
            Reading::DiagonalEnergy { .. } => "diagonal energy",
            Reading::SquaredHessianDistance => "distance of the noise from E[h²]",
            Reading::Alignment(_) => "alignment",
            Reading::DirectionalAlignment { .. } => "directional alignment",
            Reading::Sharpness { .. } => "sharpness",
        }
    }
}

/// What of a fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitPart {
    /// γ.
    Exponent,
    /// The standard error of γ.
    StandardError,
    /// R².
    RSquared,
}

/// What stands for the noise covariance C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseSource {
    /// (1/n)Σ g_pg_pᵀ − ḡḡᵀ.
    Gradients,
    /// E h² = (1/n)Σ h_p².
    SquaredHessians,
}

/// What is done to per-sample Hessians before they are averaged (the suppression experiment of ZYT).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hessians {
    /// Nothing.
    AsTheyAre,
    /// Only the top eigenvalue of each is kept.
    Top,
    /// And those below this share, in [0, 1), of the largest top eigenvalue are dropped.
    Damped(f64),
    /// And those that are left get their mean top eigenvalue.
    Equalised(f64),
}

/// A block of the matrices in the eigenbasis of H.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// All.
    Total,
    /// The leading directions.
    Top,
    /// The others.
    Bulk,
}

/// Which second moment of gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centring {
    /// Σ = Σ₁ − ∇L∇Lᵀ.
    Centred,
    /// Σ₁ = (1/n)Σ r_i²∇f_i∇f_iᵀ.
    Uncentred,
}

/// A direction in the space of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// ∇L/|∇L|.
    Gradient,
    /// The leading eigenvector of 𝒢.
    Sharpest,
    /// A direction drawn uniformly by the replicate.
    Random,
}

/// Sizes of a symmetric matrix, which the Hessian of a layer is without being positive semidefinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// λ_max, by value and not by magnitude.
    Top,
    /// tr.
    Trace,
    /// ‖·‖_F.
    Frobenius,
}

/// Matrices of curvature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurvatureMatrix {
    /// 𝒢 = (1/n)Σ ∇f_i∇f_iᵀ.
    GaussNewton,
    /// The Hessian of the loss in the analysed layer.
    Layer,
}
