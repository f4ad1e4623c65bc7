//! Antithetic pairs: every latent draw z is used together with −z.

use crate::design::{Design, DesignError, checked_batch_size};
use crate::normal::fill_normals;
use crate::stream::Stream;

/// A batch of b/2 pairs (z, −z) of Gaussian latent draws, with gradients that are odd or even functions of z.
///
/// The whitened per-sample gradient has r_i = z_i for the first `odd` coordinates and r_i = (z_i² − 1)/√2 for the
/// others, each with mean 0 and variance 1. A pair cancels an odd coordinate and doubles an even one:
///
/// ```text
/// Cov(ĝ_B) = (1/b) L diag(k) Lᵀ,    k_i = 0 for odd coordinates, 2 for even ones        (derived)
/// ```
///
/// so antithetic sampling is below independent sampling in the Loewner order of ZM Remark 9.1 (ZM = arXiv 2603.02417v4)
/// only if *all* coordinates are odd: in even ones it doubles the noise. A step costs b/2 normals per coordinate.
///
/// # Example
/// ```
/// # use sampling::{Design, designs::Antithetic};
/// let design = Antithetic::new(8, 1)?;
/// assert_eq!([design.variance_factor(), design.shape(0), design.shape(1)], [0.125, 0.0, 2.0]);
/// # Ok::<(), sampling::DesignError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Antithetic {
    pairs: u64,
    batch_size: f64,
    odd: usize,
}

impl Antithetic {
    /// The largest batch, which is drawn pair by pair.
    pub const LARGEST_BATCH: u64 = 1 << 20;

    /// A design with batches of b = `batch_size` samples, for gradients whose first `odd` whitened coordinates are odd.
    ///
    /// # Errors
    /// [`DesignError::OddBatch`] for odd b, and [`DesignError`] unless 1 ≤ b ≤ [`Antithetic::LARGEST_BATCH`].
    pub fn new(batch_size: u64, odd: usize) -> Result<Self, DesignError> {
        let as_float = checked_batch_size(batch_size, Self::LARGEST_BATCH)?;
        if batch_size % 2 == 1 {
            return Err(DesignError::OddBatch { given: batch_size });
        }
        Ok(Antithetic { pairs: batch_size / 2, batch_size: as_float, odd })
    }
}

impl Design for Antithetic {
    /// ζ = b^{−1/2} Σ (r(z) + r(−z)), a sum over the pairs.
    fn draw(&self, stream: &mut Stream, whitened: &mut [f64], width: usize) {
        let normaliser = 1.0 / self.batch_size.sqrt();
        let mut latent = [0.0; SCRATCH];
        let (odd, even) = whitened.split_at_mut(whitened.len().min(self.odd.saturating_mul(width)));
        for (rows, gradient) in [(odd, odd_gradient as fn(f64) -> f64), (even, even_gradient)] {
            for part in rows.chunks_mut(SCRATCH) {
                let latent = &mut latent[..part.len()];
                part.fill(0.0);
                for _ in 0..self.pairs {
                    fill_normals(stream, latent);
                    for (sum, &z) in part.iter_mut().zip(&*latent) {
                        *sum += gradient(z) + gradient(-z);
                    }
                }
                for sum in part {
                    *sum *= normaliser;
                }
            }
        }
    }

    fn variance_factor(&self) -> f64 {
        1.0 / self.batch_size
    }

    fn shape(&self, i: usize) -> f64 {
        if i < self.odd { 0.0 } else { 2.0 }
    }
}

/// Coordinates drawn at a time, so that the scratch stays on the stack.
const SCRATCH: usize = 256;

fn odd_gradient(z: f64) -> f64 {
    z
}

fn even_gradient(z: f64) -> f64 {
    (z * z - 1.0) * std::f64::consts::FRAC_1_SQRT_2
}
