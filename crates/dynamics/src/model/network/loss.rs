//! Losses ℓ(f; y) of an output f (q), with gradient and Hessian with respect to f.
//!
//! ```text
//! s = softmax(f),   e = s − y,   ē = Σ s_ce_c,   u_c = e_c − ē + s_c
//!
//! cross-entropy       ℓ = −Σ y_c ln s_c       ∂ℓ/∂f_c = e_c              ∂²ℓ/∂f_c∂f_k = s_c1[c=k] − s_cs_k
//! squared on softmax  ℓ = ½Σ e_c²             ∂ℓ/∂f_c = s_c(e_c − ē)     ∂²ℓ/∂f_c∂f_k = s_cu_c1[c=k] − s_cs_k(u_c + u_k − Σ s²)
//! squared             ℓ = ½Σ (f_c − y_c)²     ∂ℓ/∂f_c = f_c − y_c        ∂²ℓ/∂f_c∂f_k = 1[c=k]
//! ```

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// −ln s_y with s = softmax(f), for labels.
    CrossEntropy,
    /// ½|s − y|² with s = softmax(f) and y the one-hot label. Its Hessian can have negative eigenvalues.
    SquaredSoftmax,
    /// ½|f − y|² for real targets; for two classes y = ∓1 with one output, for more the one-hot label.
    Squared,
}

impl Loss {
    /// ℓ(f; y).
    ///
    /// # Example
    /// ```
    /// use dynamics::model::network::Loss;
    /// let (outputs, label) = ([0.0, 0.0], [1.0, 0.0]);
    /// assert!((Loss::CrossEntropy.value(&outputs, &label) - libm::log(2.0)).abs() < 1e-16);
    /// assert_eq!(Loss::SquaredSoftmax.value(&outputs, &label), 0.25);
    /// assert_eq!(Loss::Squared.value(&outputs, &label), 0.5);
    /// ```
    #[must_use]
    pub fn value(self, outputs: &[f64], target: &[f64]) -> f64 {
        let largest = outputs.iter().fold(f64::NEG_INFINITY, |largest, f| largest.max(*f));
        let total = || outputs.iter().map(|f| libm::exp(f - largest)).sum::<f64>();
        let pairs = outputs.iter().zip(target);
        match self {
            Loss::CrossEntropy => {
                // Σ y_c = 1, so the shift by the largest output drops out.
                libm::log(total()) - pairs.map(|(f, y)| y * (f - largest)).sum::<f64>()
            }
            Loss::SquaredSoftmax => {
                let total = total();
                0.5 * pairs.map(|(f, y)| square(libm::exp(f - largest) / total - y)).sum::<f64>()
            }
            Loss::Squared => 0.5 * pairs.map(|(f, y)| square(f - y)).sum::<f64>(),
        }
    }

    /// Writes ∂ℓ/∂f to `gradient`.
    pub(super) fn gradient(self, outputs: &[f64], target: &[f64], gradient: &mut [f64]) {
        match self {
            Loss::CrossEntropy => {
                softmax(outputs, gradient);
                gradient.iter_mut().zip(target).for_each(|(s, y)| *s -= y);
            }
            Loss::SquaredSoftmax => {
                softmax(outputs, gradient);
                let mean: f64 = gradient.iter().zip(target).map(|(s, y)| s * (s - y)).sum();
                gradient.iter_mut().zip(target).for_each(|(s, y)| *s *= (*s - y) - mean);
            }
            Loss::Squared => {
                for ((g, f), y) in gradient.iter_mut().zip(outputs).zip(target) {
                    *g = f - y;
                }
            }
        }
    }

    /// Writes ∂²ℓ/∂f² (q×q, row after row) to `hessian`.
    pub(super) fn hessian(self, outputs: &[f64], target: &[f64], hessian: &mut [f64]) {
        let q = outputs.len();
        let mut s = vec![0.0; q];
        softmax(outputs, &mut s);
        let mean: f64 = s.iter().zip(target).map(|(s, y)| s * (s - y)).sum();
        let squares: f64 = s.iter().map(|s| s * s).sum();
        let u = |c: usize| (s[c] - target[c]) - mean + s[c];
        for c in 0..q {
            for k in 0..q {
                let same = if c == k { 1.0 } else { 0.0 };
                hessian[c * q + k] = match self {
                    Loss::CrossEntropy => s[c] * (same - s[k]),
                    Loss::SquaredSoftmax => s[c] * (u(c) * same) - s[c] * s[k] * (u(c) + u(k) - squares),
                    Loss::Squared => same,
                };
            }
        }
    }
}

/// Writes e^{f_c}/Σ e^{f_k} to `shares`, without overflow.
fn softmax(outputs: &[f64], shares: &mut [f64]) {
    let largest = outputs.iter().fold(f64::NEG_INFINITY, |largest, f| largest.max(*f));
    let mut total = 0.0;
    for (share, f) in shares.iter_mut().zip(outputs) {
        *share = libm::exp(f - largest);
        total += *share;
    }
    shares.iter_mut().for_each(|share| *share /= total);
}

fn square(x: f64) -> f64 {
    x * x
}
