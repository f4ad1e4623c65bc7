//! The moments of a descent whose batches are fresh samples, in the eigenbasis of H: what their laws share.
//!
//! ```text
//! m_i'  = (1 − ηs_i)m_i
//! C_ij' = (1 − ηs_i)(1 − ηs_j)C_ij + (η²/b)N_ij(M),      M = C + mmᵀ
//! ```
//!
//! with the noise N of one sample's gradient, which may depend on the second moment M of the error.

#![expect(non_snake_case, reason = "the papers' matrices keep their names")]

use faer::{Mat, MatRef};

use crate::moments::Moments;
use crate::schedule::Schedule;
use crate::start::Start;

/// Which noise a law has.
#[derive(Clone, Copy)]
pub(super) enum Noise {
    /// That of the state.
    OfState,
    /// That of the minimum.
    Frozen,
}

/// What the recursion of the moments needs beside the noise.
pub(super) struct FreshSamples<'a> {
    /// s (d).
    pub(super) rates: &'a [f64],
    pub(super) schedule: &'a Schedule,
    pub(super) batch_size: u32,
    /// The law of e₀ in the frame.
    pub(super) start: &'a Start,
}

impl FreshSamples<'_> {
    /// The moments after each of some ascending `steps`, where `noise(tr(SM), i, j, M_ij)` is N_ij; the covariance and
    /// not M is carried, so that nothing cancels. Cost O(d²k).
    pub(super) fn law(&self, steps: &[u64], noise: impl Fn(f64, usize, usize, f64) -> f64) -> Vec<Moments> {
        let (s, d) = (self.rates, self.rates.len());
        let Moments { mean: mut m, covariance: mut C } = self.start.moments();
        let mut k = 0;
        let mut laws = Vec::with_capacity(steps.len());
        for &step in steps {
            while k < step {
                let eta = self.schedule.at(k);
                let scale = eta * eta / f64::from(self.batch_size);
                let risk: f64 = (0..d).map(|i| s[i] * (C[(i, i)] + m[i] * m[i])).sum();
                for j in 0..d {
                    for i in 0..d {
                        let noise = noise(risk, i, j, C[(i, j)] + m[i] * m[j]);
                        C[(i, j)] = (1.0 - eta * s[i]) * C[(i, j)] * (1.0 - eta * s[j]) + scale * noise;
                    }
                }
                m.iter_mut().zip(s).for_each(|(m, s)| *m *= 1.0 - eta * s);
                k += 1;
            }
            laws.push(Moments { mean: m.clone(), covariance: C.clone() });
        }
        laws
    }

    /// Cov(e_to, e_from) = A_{to−1}…A_{from}·Cov e_from with A_k = I − η_kS: given e_k, the mean of e_{k+1} is A_ke_k
    /// whatever the noise.
    pub(super) fn across(&self, covariance: MatRef<'_, f64>, from: u64, to: u64) -> Mat<f64> {
        let factor = |s: &f64| (from..to).map(|k| 1.0 - self.schedule.at(k) * s).product();
        let contraction: Vec<f64> = self.rates.iter().map(factor).collect();
        Mat::from_fn(contraction.len(), contraction.len(), |i, j| contraction[i] * covariance[(i, j)])
    }
}
