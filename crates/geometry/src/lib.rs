//! Matrices that carry their proofs, Lyapunov equations, and the Fisher/Godambe geometry of SGD.
//!
//! - [`Spd`], [`Psd`], [`Projector`], [`Symmetric`]: matrices whose type is a checked property;
//! - [`lyapunov`]: stationary covariances, each with its residual and its distance from unsolvability;
//! - [`FisherGeometry`]: sandwich, Godambe information, μ_F, κ_F, d_eff;
//! - [`rates`]: upper and lower bounds of the risk, balanced steps and batches, dual norms;
//! - [`relative_commutator`], [`Commutation`], [`loewner_le`]: how two matrices relate;
//! - [`PerSample`]: gradients and Hessians of samples in one layer, in factored form, and their moments;
//! - [`NoiseCurvature`], [`Alignment`], [`GaussianAlignment`]: gradient noise against curvature;
//! - [`Escape`]: how SGD leaves a minimum;
//! - [`generators`]: spectra and orientations for experiments.
//!
//! No randomness and no I/O: random matrices are functions of normal numbers that the caller draws. Everything is
//! deterministic, on one thread. What shapes random draws or defines a simulated problem ([`Spd::lower_factor`],
//! [`Psd::lower_factor`], [`generators`]) is computed in plain loops and has the same bits on every machine, as have
//! eigenvalues up to d = 8; those of larger matrices and what is built on them come from faer, whose last bits depend on the
//! CPU.
//!
//! One relative tolerance serves the whole crate, [`rounding`]`(d)` = 8dε, and every message that mentions it gives its
//! value. Sources: ZM is arXiv 2603.02417v4, ZYT is arXiv 2602.05600, WW is
//! arXiv 2310.00692, WWS is arXiv 2207.02628.
//!
//! ```
//! use geometry::{Psd, generators::log_spaced, lyapunov::sgd_stationary, Spd};
//!
//! let h = Spd::diagonal(&log_spaced(1.0, 100.0, 5)?)?;
//! let law = sgd_stationary(&h, &Psd::from(&h), 0.01, 8)?;
//! assert!(law.relative_residual < 1e-15);
//! # Ok::<(), geometry::GeometryError>(())
//! ```

mod alignment;
mod cholesky;
mod commutation;
mod dense;
mod error;
mod escape;
mod fisher;
pub mod generators;
mod householder;
mod jacobi;
mod krylov;
mod leading;
pub mod lyapunov;
mod noise_curvature;
mod outside;
mod passes;
mod per_sample;
mod projector;
mod psd;
pub mod rates;
mod spd;
mod symmetric;

pub use alignment::{Alignment, GaussianAlignment, Sharpest, stability_norm_bound};
pub use commutation::{Commutation, Commutator, LoewnerGap, loewner_le, relative_commutator, rotated_commutator};
pub use dense::{frobenius_norm, product, quadratic_form, rounding, trace_of_product};
pub use error::GeometryError;
pub use escape::{Escape, EscapeNoise};
pub use fisher::FisherGeometry;
pub use leading::LeadingEigen;
pub use noise_curvature::{NoiseCurvature, PowerLaw, distance_from_multiples};
pub use per_sample::{GradientNoise, HessianMoments, KeptCurvatures, NoiseSize, PerSample, Suppression, TopCurvatures};
pub use projector::Projector;
pub use psd::Psd;
pub use spd::Spd;
pub use symmetric::{Symmetric, SymmetricEigen};
