//! The plug-in estimator of a covariance from independent draws, and how far it must be expected to lie off.

use faer::{Mat, MatRef};

/// The unbiased sample covariance Ĉ = 1/(R−1) Σ (x_r − x̄)(x_r − x̄)ᵀ of the R columns of `draws` (d×R).
///
/// Returns `None` for fewer than two draws. Two passes, in fixed order; cost O(d²R).
#[must_use]
pub fn sample_covariance(draws: MatRef<'_, f64>) -> Option<Mat<f64>> {
    let (dimension, n_draws) = (draws.nrows(), draws.ncols());
    if n_draws < 2 {
        return None;
    }
    let n = n_draws as f64;
    let mean: Vec<f64> = (0..dimension).map(|i| (0..n_draws).map(|r| draws[(i, r)]).sum::<f64>() / n).collect();
    let entry = |i: usize, j: usize| {
        (0..n_draws).map(|r| (draws[(i, r)] - mean[i]) * (draws[(j, r)] - mean[j])).sum::<f64>() / (n - 1.0)
    };
    let mut covariance = Mat::zeros(dimension, dimension);
    for i in 0..dimension {
        for j in 0..=i {
            covariance[(i, j)] = entry(i, j);
            covariance[(j, i)] = covariance[(i, j)];
        }
    }
    Some(covariance)
}

/// E‖Ĉ − C‖_F² = (‖C‖_F² + (tr C)²)/(R − 1) for R independent Gaussian draws with covariance C (*derived*).
///
/// A relative Frobenius difference says something only next to this number. Infinite for R < 2.
#[must_use]
pub fn expected_squared_error(covariance: MatRef<'_, f64>, n_draws: u64) -> f64 {
    if n_draws < 2 {
        return f64::INFINITY;
    }
    let dimension = covariance.nrows();
    let trace: f64 = (0..dimension).map(|i| covariance[(i, i)]).sum();
    let mut squares = 0.0;
    for j in 0..dimension {
        for i in 0..dimension {
            squares += covariance[(i, j)] * covariance[(i, j)];
        }
    }
    (squares + trace * trace) / (n_draws - 1) as f64
}
