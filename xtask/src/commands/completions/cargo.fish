
# `cargo xtask …` completes like `xtask …`.
function __fish_cargo_xtask
    set -l words (commandline -opc) (commandline -ct)
    complete -C "xtask $(string join ' ' -- (string escape -- $words[3..-2])) $words[-1]"
end
complete -c cargo -n 'set -l words (commandline -opc); test (count $words) -ge 2; and test "$words[2]" = xtask' -f -a '(__fish_cargo_xtask)'
