//! Values computed by SciPy 1.17.1 (NumPy 2.4.6), which shares no code with this crate:
//!
//! ```python
//! import numpy as np, scipy.linalg as la
//! A = np.array([[3., 1, 0], [-2, 2, 1], [0.5, 0, 1]]); Q = np.array([[2., 1, 0], [1, 3, 0.5], [0, 0.5, 1]])
//! D = np.array([[0.5, 0.4, 0], [-0.6, 0.5, 0.3], [0.1, 0, -0.7]])
//! H = np.array([[4., 1, 0], [1, 3, 1], [0, 1, 2]]); F = np.array([[9., 0, 1], [0, 1, 0.2], [1, 0.2, 0.5]])
//! I = np.eye(3); eta, b, c = 0.3, 4, 0.75
//! la.solve_continuous_lyapunov(A, Q)
//! la.solve_discrete_lyapunov(D, Q, method='direct')
//! la.solve_discrete_lyapunov(I - eta*H, eta**2/b*Q, method='direct')
//! la.solve_continuous_lyapunov(H, 0.1*Q)
//! la.solve_continuous_lyapunov(c*H - I/2, c*c*Q)
//! la.eigh((F@H + H@F)/2, F, eigvals_only=True)[0]
//! la.inv(H)@Q@la.inv(H)
//! abs(la.eigvals(D)).max(), la.norm(F@H-H@F)/la.norm(F)/la.norm(H)
//! ```

use faer::{Mat, mat};
use geometry::lyapunov::{continuous, discrete, ou_stationary, sgd_stationary, shifted, spectral_radius};
use geometry::{FisherGeometry, Psd, Spd, relative_commutator};

use crate::common::{Outcome, assert_close, assert_near};

fn q() -> Mat<f64> {
    mat![[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]]
}

fn d() -> Mat<f64> {
    mat![[0.5, 0.4, 0.0], [-0.6, 0.5, 0.3], [0.1, 0.0, -0.7]]
}

fn h() -> Mat<f64> {
    mat![[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]]
}

fn f() -> Mat<f64> {
    mat![[9.0, 0.0, 1.0], [0.0, 1.0, 0.2], [1.0, 0.2, 0.5]]
}

#[test]
fn general_solvers_match_scipy() -> Outcome {
    let noise = Psd::new(q())?;
    let a = mat![[3.0, 1.0, 0.0], [-2.0, 2.0, 1.0], [0.5, 0.0, 1.0]];
    let expected = mat![
        [0.2873465933135845, 0.13796022005924655, -0.024968260685569246],
        [0.1379602200592466, 0.9098603470165049, -0.04380025391451541],
        [-0.024968260685569236, -0.04380025391451541, 0.5124841303427847]
    ];
    assert_close(continuous(a.as_ref(), noise.as_symmetric())?.matrix.as_ref(), expected.as_ref(), 1e-14);
    let expected = mat![
        [4.295676849465041, 0.8476463649076383, 0.1915251486532508],
        [0.8476463649076379, 5.516869319598283, -0.03524733432975358],
        [0.19152514865325082, -0.03524733432975369, 1.9924377405552847]
    ];
    assert_close(discrete(d().as_ref(), noise.as_symmetric())?.matrix.as_ref(), expected.as_ref(), 1e-14);
    assert_near(spectral_radius(d().as_ref())?, 0.6927829584837991, 1e-14);
    Ok(())
}

#[test]
fn stationary_laws_match_scipy() -> Outcome {
    let (curvature, noise) = (Spd::new(h())?, Psd::new(q())?);
    let expected = mat![
        [0.05728707883550954, 0.0266364547250876, 0.006929294795169956],
        [0.026636454725087605, 0.07554690127865159, 0.007614750165002894],
        [0.006929294795169952, 0.007614750165002896, 0.03270438223271185]
    ];
    assert_close(sgd_stationary(&curvature, &noise, 0.3, 4)?.matrix.as_ref(), expected.as_ref(), 1e-14);
    let expected = mat![
        [0.02411616161616159, 0.0035353535353535113, 0.00037878787878787526],
        [0.003535353535353505, 0.05075757575757571, -0.00580808080808081],
        [0.0003787878787878753, -0.0058080808080808064, 0.027904040404040407]
    ];
    assert_close(ou_stationary(&curvature, &noise, 0.1)?.matrix.as_ref(), expected.as_ref(), 1e-14);
    let expected = mat![
        [0.22942202028740463, -0.01474006762468299, 0.040654057480980534],
        [-0.014740067624682962, 0.5634509721048175, -0.17497886728655945],
        [0.04065405748098057, -0.1749788672865595, 0.4124841504649195]
    ];
    assert_close(shifted(0.75, &curvature, &noise)?.matrix.as_ref(), expected.as_ref(), 1e-14);
    Ok(())
}

#[test]
fn fisher_objects_match_scipy() -> Outcome {
    let geometry = FisherGeometry::new(Spd::new(f())?, Psd::new(q())?, Spd::new(h())?)?;
    assert_near(geometry.fisher_strong_convexity()?, 0.3837896448786987, 1e-13);
    assert_near(geometry.fisher_condition_number()?, 28.013071259978542, 1e-13);
    assert_near(relative_commutator(f().as_ref(), h().as_ref())?, 0.24908515672051731, 1e-14);
    let expected = mat![
        [0.12654320987654322, -0.06172839506172838, 0.030864197530864185],
        [-0.06172839506172837, 0.4691358024691357, -0.2345679012345678],
        [0.03086419753086419, -0.23456790123456786, 0.36728395061728386]
    ];
    assert_close(geometry.sandwich()?.as_mat(), expected.as_ref(), 1e-14);
    Ok(())
}
