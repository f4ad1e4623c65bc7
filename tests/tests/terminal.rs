//! The command line where it meets terminals, pipes and folders that are not as usual.

mod common;

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::cli::{SMALL, Workplace};
use common::edited;

const COMMANDS: [&str; 21] = [
    "run",
    "plan",
    "check",
    "selftest",
    "verify",
    "why",
    "replay",
    "status",
    "merge",
    "slurm",
    "ci",
    "new",
    "validate",
    "list",
    "explain",
    "diff",
    "accept",
    "report",
    "figure",
    "schema",
    "completions",
];

/// A table that is wider than 80 columns, in which each verdict occurs.
fn wide() -> String {
    let claims = "[[claim]]\nname = \"a-claim-with-a-longer-name\"\nsays = \"The risk is at most twice tr G.\"\n\
                  measure = \"risk\"\nagainst.exact = { resolution = 0.01 }\n\n\
                  [[claim]]\nname = \"wrong\"\nsays = \"The risk is at most 0.1.\"\nmeasure = \"risk\"\n\
                  against.at_most.value = \"0.1\"\n\n[[figure]]";
    edited(SMALL, &[("[[figure]]", claims)])
}

/// What a command shows on a terminal of so many columns; `None`, with a notice, where no terminal can be made.
fn on_terminal(workplace: &Workplace, columns: u16, variables: &[(&str, &str)], arguments: &[&str]) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("NOT TESTED: there is no `script` to make a terminal with");
        return None;
    }
    let binary = env!("CARGO_BIN_EXE_xtask-under-test");
    let line = format!("stty cols {columns} rows 30; '{binary}' {}", arguments.join(" "));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).current_dir(workplace.path(".")).stdin(Stdio::null());
    // `CI` too: where it is set, colour is for terminals that say they know none.
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        command.env_remove(variable);
    }
    let output = command.env("TERM", "xterm").envs(variables.iter().copied()).output().expect("it is there");
    Some(text(&output.stdout))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// Without sequences that colour.
fn plain(text: &str) -> String {
    ["\u{1b}[32m", "\u{1b}[33m", "\u{1b}[31;1m", "\u{1b}[0m"]
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(code, ""))
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// Runs a line of the shell, in which `$0` is the binary.
fn shell(workplace: &Workplace, line: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_xtask-under-test")]).current_dir(workplace.path("."));
    command.stdin(Stdio::null()).output().expect("a shell")
}

#[test]
fn a_reader_that_leaves_does_not_cost_the_results() {
    let workplace = Workplace::with("small", SMALL);
    let mut child = workplace
        .command(&["run", "specs/small.toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaint).expect("text");
    assert_eq!((child.wait().expect("ends").code(), complaint.as_str()), (Some(0), ""));
    assert_eq!(workplace.run(&["check"]).code, Some(0), "all is stored");
}

#[test]
fn a_closed_standard_output_or_error_does_not_cost_the_results() {
    for closed in [">&-", "2>&-", ">&- 2>&- <&-"] {
        let workplace = Workplace::with("small", SMALL);
        let ran = shell(&workplace, &format!("\"$0\" run specs/small.toml {closed}"));
        assert_eq!(ran.status.code(), Some(0), "{closed}: {}", text(&ran.stderr));
        assert_eq!(workplace.run(&["check"]).code, Some(0), "{closed}");
    }
}

#[test]
fn a_full_disk_under_standard_output_is_an_error() {
    if !Path::new("/dev/full").exists() {
        return eprintln!("NOT TESTED: there is no /dev/full");
    }
    let workplace = Workplace::with("small", SMALL);
    for format in ["table", "json", "markdown"] {
        let ran = shell(&workplace, &format!("\"$0\" run specs/small.toml --format {format} > /dev/full"));
        assert_eq!(ran.status.code(), Some(4));
        assert_eq!(text(&ran.stderr).matches("error: cannot write to standard output").count(), 1);
    }
}

#[test]
fn no_home_and_no_environment_are_needed() {
    let workplace = Workplace::with("small", SMALL);
    for arguments in
        [&["run", "specs/small.toml"][..], &["plan", "specs/small.toml"], &["check"], &["list"], &["report"]]
    {
        let ran = workplace.command(arguments).env_clear().output().expect("starts");
        assert_eq!((ran.status.code(), text(&ran.stderr).as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_read_only_folder_of_reports_can_be_read_and_its_refusal_says_what_to_do() {
    let workplace = Workplace::with("small", SMALL);
    assert_eq!(workplace.run(&["run", "specs/small.toml"]).code, Some(0));
    workplace.write("specs/other.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    let set = |path: &str, mode| {
        std::fs::set_permissions(workplace.path(path), std::fs::Permissions::from_mode(mode)).expect("our own");
    };
    set(".", 0o755);
    for path in ["reports/small/parts", "reports/small", "reports"] {
        set(path, 0o555);
    }
    // Nothing is read-only to root, so that another user has to try.
    let as_other = "test \"$(id -u)\" = 0 && set -- setpriv --reuid 65534 --regid 65534 --clear-groups; \"$@\" \"$0\" ";
    if !shell(&workplace, &format!("{as_other} --version")).status.success() {
        eprintln!("NOT TESTED: there is no `setpriv` to become another user than root");
    } else {
        let run = |arguments: &str| shell(&workplace, &format!("{as_other} {arguments}"));
        for arguments in ["check specs/small.toml", "list", "plan specs/small.toml", "plan specs/other.toml"] {
            let ran = run(arguments);
            assert_eq!(ran.status.code(), Some(0), "{arguments}: {}", text(&ran.stderr));
        }
        for (arguments, path) in [
            ("run specs/small.toml", "reports/small/run.lock"),
            ("run specs/other.toml", "reports/other"),
            ("report", "reports"),
            ("new mine --from specs/small.toml", "specs"),
        ] {
            let ran = run(arguments);
            let complaint = text(&ran.stderr);
            assert_eq!(ran.status.code(), Some(4), "{arguments}: {complaint}");
            assert!(complaint.starts_with("error: cannot") && complaint.contains(path), "{complaint}");
            assert!(
                !arguments.starts_with("run") || complaint.contains("help: ") && complaint.contains("--out"),
                "{complaint}"
            );
        }
    }
    for path in ["reports", "reports/small", "reports/small/parts"] {
        set(path, 0o755);
    }
}

#[test]
fn a_table_fits_into_eighty_columns_and_is_whole_elsewhere() {
    let workplace = Workplace::with("wide", &wide());
    let piped = workplace.run(&["run", "specs/wide.toml"]).stdout;
    assert!(widest(&piped) > 80, "{piped}");
    let Some(narrow) = on_terminal(&workplace, 80, &[], &["check"]) else { return };
    insta::assert_snapshot!("narrow", plain(&narrow));
    assert!(widest(&plain(&narrow)) <= 80);
    let very_narrow = on_terminal(&workplace, 40, &[], &["check"]).unwrap_or_default();
    assert!(widest(&plain(&very_narrow)) <= 40, "{very_narrow}");
    let broad = on_terminal(&workplace, 200, &[], &["check"]).unwrap_or_default();
    assert_eq!(plain(&broad), workplace.run(&["check"]).stdout);
    for arguments in [&["plan", "specs/wide.toml", "--force"][..], &["list"]] {
        let shown = on_terminal(&workplace, 80, &[], arguments).unwrap_or_default();
        assert!(widest(&plain(&shown)) <= 80 && shown.lines().count() > 3, "{shown}");
    }
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let workplace = Workplace::with("wide", &wide());
    workplace.run(&["run", "specs/wide.toml"]);
    let is_coloured = |text: &str| {
        let colours = ["\u{1b}[32mholds", "\u{1b}[33mundecided", "\u{1b}[31;1mrefuted"].map(|word| text.contains(word));
        assert!(colours.iter().all(|colour| *colour == colours[0]), "{text}");
        assert!(colours[0] || !text.contains('\u{1b}'), "{text}");
        colours[0]
    };
    assert!(!is_coloured(&workplace.run(&["check"]).stdout));
    assert!(is_coloured(&workplace.run(&["check", "--color", "always"]).stdout));
    let forced = workplace.command(&["check"]).env("CLICOLOR_FORCE", "1").output().expect("starts");
    assert!(is_coloured(&text(&forced.stdout)));
    let expected = [
        ("", "", "auto", true),
        ("NO_COLOR", "1", "auto", false),
        ("NO_COLOR", "", "auto", true),
        ("TERM", "dumb", "auto", false),
        ("NO_COLOR", "1", "always", true),
        ("", "", "never", false),
    ];
    for (variable, value, when, coloured) in expected {
        let variables: Vec<_> = Some((variable, value)).filter(|(name, _)| !name.is_empty()).into_iter().collect();
        let Some(shown) = on_terminal(&workplace, 80, &variables, &["check", "--color", when]) else { return };
        assert_eq!(is_coloured(&shown), coloured, "{variable}={value} --color {when}");
    }
}

#[test]
fn progress_is_a_bar_on_a_terminal_and_nothing_of_a_short_run_elsewhere() {
    let workplace = Workplace::with("small", &edited(SMALL, &[("count = 4096", "count = 400000")]));
    workplace.write("specs/other.toml", &edited(SMALL, &[("[0.1, 0.05]", "[0.1, 0.04]")]));
    let both = ["run", "specs/small.toml", "specs/other.toml"];
    assert_eq!(workplace.run(&both).stderr, "");
    let forced = ["run", "specs/small.toml", "specs/other.toml", "--force"];
    let Some(shown) = on_terminal(&workplace, 80, &[], &forced) else { return };
    for words in ["[1/2] small", "[2/2] other", "/2 cells", "steps/s", " left", "2 of 2 cells simulated"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let dumb = on_terminal(&workplace, 80, &[("TERM", "dumb")], &forced).unwrap_or_default();
    assert!(!dumb.contains('\u{1b}') && !dumb.contains("steps/s"), "{dumb}");
}

#[test]
fn help_of_every_command_has_an_example_and_fits_into_eighty_columns() {
    let workplace = Workplace::new();
    let help = workplace.run(&["--help"]).stdout;
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is listed");
        let ran = workplace.run(&[command, "--help"]);
        assert_eq!(ran.code, Some(0));
        assert!(ran.stdout.contains(&format!("cargo xtask {command} ")) || command == "schema", "{}", ran.stdout);
        assert!(ran.stdout.contains("Example") || ran.stdout.contains("Install"), "{}", ran.stdout);
        if let Some(shown) = on_terminal(&workplace, 80, &[("NO_COLOR", "1")], &[command, "--help"]) {
            assert!(widest(&shown) <= 80, "{shown}");
        }
    }
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    assert_eq!(
        listed.filter(|line| !line.starts_with("   ")).count(),
        COMMANDS.len() + 1,
        "every command is tested: {help}"
    );
}

#[test]
fn completions_are_scripts_that_know_the_commands() {
    let workplace = Workplace::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = workplace.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0));
        assert!(COMMANDS.iter().all(|command| ran.stdout.contains(command)), "{shell}");
        assert!(ran.stdout.contains("threads") && ran.stdout.ends_with('\n'), "{shell}");
    }
    workplace.write("xtask.bash", &workplace.run(&["completions", "bash"]).stdout);
    let script = "_before() { COMPREPLY=(before); }; complete -F _before cargo; source ./xtask.bash
        complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _xtask_of_cargo cargo \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; echo \"${COMPREPLY[@]}\"; }
        complete_words cargo xtask pl; complete_words cargo xtask run --fo; complete_words cargo xtask check --format ''
        complete_words cargo bu";
    let Ok(output) = Command::new("bash").args(["-c", script]).current_dir(workplace.path(".")).output() else {
        return eprintln!("NOT TESTED: there is no bash");
    };
    assert_eq!(
        text(&output.stdout),
        "plan\n--force --format\ntable json markdown\nbefore\n",
        "{}",
        text(&output.stderr)
    );
}
