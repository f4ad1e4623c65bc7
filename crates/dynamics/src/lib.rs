//! Problems, step-size schedules and processes; each process *simulates* and, in the same file, *predicts*.
//!
//! - [`problem`]: what is minimised;
//! - [`model`], [`reading`]: models with data, which are trained, and what is read off them;
//! - [`schedule`], [`start`]: how large the steps are, and where the replicates begin;
//! - [`process`]: the contract of simulation and law, and the processes;
//! - [`observable`]: what is measured, beside its expectation under a law;
//! - [`block`]: a block of replicates that advance together, and the kernel that advances it;
//! - [`frame`]: the coordinates in which they do, where the curvature is diagonal;
//! - [`ode`]: the integrator behind the limits that have no closed form;
//! - [`source`]: where the law of a process stands, in a paper and here.
//!
//! No files, clocks or threads: a process is a pure function of its streams.
//!
//! ```
//! use dynamics::Process as _;
//! use dynamics::problem::Quadratic;
//! use dynamics::process::{BlockStreams, Sgd};
//! use dynamics::schedule::{Schedule, StepSize};
//! use dynamics::start::Start;
//! use geometry::{Psd, Spd};
//! use sampling::{Purpose, Stream, StreamKey, designs::Gaussian};
//!
//! let curvature = Spd::diagonal(&[1.0, 4.0])?;
//! let problem = Quadratic::new(curvature.clone(), Psd::diagonal(&[2.0, 2.0])?, curvature, vec![0.0; 2])?;
//! let schedule = Schedule::Constant(StepSize::new(0.1)?);
//! let process = Sgd::new(&problem, schedule, Gaussian::new(8)?, &Start::new(vec![1.0, 1.0], 0.0)?)?;
//!
//! // What the mean should be after ten steps, and what it is in one block of replicates.
//! let law = &process.exact(&[10])?[0];
//! let stream = |purpose| Stream::new(StreamKey { seed: 1, cell: "", block: 0, purpose });
//! let streams = BlockStreams { start: stream(Purpose::Start), noise: stream(Purpose::Noise) };
//! process.simulate(streams, &[10], &mut |_, errors| {
//!     let mean = errors[0].iter().sum::<f64>() / errors[0].len() as f64;
//!     let standard_error = (law.covariance[(0, 0)] / errors[0].len() as f64).sqrt();
//!     assert!((mean - law.mean[0]).abs() < 5.0 * standard_error);
//!     true
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod block;
pub mod frame;
pub mod model;
pub mod moments;
pub mod observable;
pub mod ode;
pub mod problem;
pub mod process;
pub mod reading;
pub mod schedule;
pub mod source;
pub mod start;

mod elementary;
mod error;

pub use error::DynamicsError;
pub use moments::Moments;
pub use observable::{Expectation, Observable};
pub use process::{LeadingOrder, Process};
pub use source::{Law, Source};
