//! What the author of a bad spec reads, for snapshots.

use std::fmt::Write as _;
use std::time::Duration;

use engine::Spec;

/// Nothing takes longer of the processor to refuse.
pub(crate) const LONGEST: Duration = Duration::from_secs(1);

/// The refusals of bad specs, each under its name; all must be refused, and fast.
pub(crate) fn refusals(group: &str, cases: &[(&str, String)]) -> String {
    let refusals: Vec<_> = cases.iter().map(|(name, text)| (*name, refusal(name, text))).collect();
    shown(group, &refusals)
}

/// The same, once they are known.
pub(crate) fn shown(group: &str, refusals: &[(&str, String)]) -> String {
    let mut out = String::new();
    for (name, refusal) in refusals {
        let _ = writeln!(out, "## {name}\n{}", redact(refusal));
    }
    let is_wrong = |refusal: &str| refusal == "ACCEPTED" || refusal.starts_with("TOO SLOW");
    let wrong: Vec<_> = refusals.iter().filter(|(_, refusal)| is_wrong(refusal)).collect();
    assert!(wrong.is_empty(), "{group}: {wrong:#?}");
    out
}

/// What the author of a bad spec reads.
pub(crate) fn refusal(name: &str, text: &str) -> String {
    let mut fastest = Duration::MAX;
    // Again if other work on the processor made it slow.
    for _ in 0..3 {
        let start = processor_time();
        let Err(error) = Spec::parse("case", "specs/case.toml", text, None) else { return "ACCEPTED".to_owned() };
        let rendered = error.to_string();
        fastest = fastest.min(processor_time() - start);
        if fastest <= LONGEST {
            assert!(error.problems().next().is_some(), "{name}: no problem");
            assert!(rendered.contains("specs/case.toml:"), "{name}: no place in {rendered}");
            return rendered;
        }
    }
    format!("TOO SLOW: {fastest:?}")
}

/// What this thread has had of the processor: unlike the clock, it stands still while others have it.
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a time since the thread began")
}

/// Without the space at the end of lines, the digits of numbers that depend on rounding, and where this machine keeps the
/// tests.
pub(crate) fn redact(text: &str) -> String {
    let mut out = String::new();
    for line in text.replace(env!("CARGO_MANIFEST_DIR"), "…").lines() {
        let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).count();
        let mut rest = line.trim_end();
        while let Some(dot) = rest.find('.') {
            let n = digits(&rest[dot + 1..]);
            let kept = if n > 8 { 3 } else { n };
            out.push_str(&rest[..dot + 1 + kept]);
            out.push_str(if n > 8 { "…" } else { "" });
            rest = &rest[dot + 1 + n..];
        }
        out.push_str(rest);
        out.push('\n');
    }
    out
}

/// Replaces a piece that occurs once.
pub(crate) fn edit(spec: &str, from: &str, to: &str) -> String {
    assert_eq!(spec.matches(from).count(), 1, "`{from}` must occur once");
    spec.replacen(from, to, 1)
}
