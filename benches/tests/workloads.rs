//! Every workload simulates what it says: its mean is that of its law, and its cost is counted.

use benches::workload::NAMES;
use benches::{Workload, run};

#[test]
fn means_are_those_of_the_laws() {
    for name in NAMES {
        let workload = Workload::named(name).expect("a workload");
        let outcome = run::run(&*workload.process, workload.steps, 16, 2);
        let allowed = 5.0 * outcome.standard_error + workload.expected.error * workload.expected.value;
        let distance = (outcome.mean - workload.expected.value).abs();
        assert!(distance < allowed, "{name}: {} instead of {}", outcome.mean, workload.expected.value);
        assert!(outcome.standard_error < 0.2 * outcome.mean, "{name}: too few replicates to tell");
    }
}

#[test]
fn threads_do_not_change_what_is_simulated() {
    let workload = Workload::named("pool").expect("a workload");
    let [one, three] = [1, 3].map(|threads| run::run(&*workload.process, 50, 6, threads).mean);
    assert!((one / three - 1.0).abs() < 1e-12, "{one} and {three}");
}

#[test]
fn every_cost_is_positive_and_all_names_are_known() {
    for name in NAMES {
        let cost = Workload::named(name).expect("a workload").cost;
        assert!(cost.operations > 0.0 && cost.normals + cost.words > 0.0, "{name}: {cost:?}");
    }
    let refusal = Workload::named("sdg").expect_err("no such workload").to_string();
    assert!(refusal.contains("`sdg`") && refusal.contains("sgd"), "{refusal}");
}
