/*
 * The shells' own parts of completion: each passes the words up to the cursor to `plimsoll __complete`, the program that was typed,
 * and takes its lines: a candidate, a tab and what it is; or `:files`. No text that was typed is ever evaluated.
 */

const BASH = String.raw`# Completion of plimsoll for bash: source <(plimsoll completion bash)
_plimsoll() {
  local rest=$\{COMP_LINE:0:COMP_POINT} words=() word stripped i line name quoted
  # Bash divides words at : and = as well: what stands together belongs together.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    stripped=$\{rest#"$\{rest%%[![:space:]]*}"}
    if ((i == COMP_CWORD)); then word=$stripped; else word=$\{COMP_WORDS[i]}; fi
    if ((i > 0)) && [[ $rest == "$stripped" ]]; then
      words[$\{#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    rest=$\{stripped#"$word"}
  done
  local current=$\{words[$\{#words[@]} - 1]} quote= before=
  case $current in
    \'* | \"*) quote=$\{current:0:1} current=$\{current:1} ;;
  esac
  words[$\{#words[@]} - 1]=$current
  # And takes only what comes after the last of them.
  for i in : =; do
    if [[ -z $quote && $COMP_WORDBREAKS == *"$i"* && $current == *"$i"* ]]; then
      word=$\{current%"$\{current##*"$i"}"}
      if (($\{#word} > $\{#before})); then before=$word; fi
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    name=$\{line%%$'\t'*}
    if [[ $name == :files ]]; then
      compopt -o default 2>/dev/null
      continue
    fi
    if [[ $name == *[=:/] ]]; then compopt -o nospace 2>/dev/null; fi
    name=$\{name#"$before"}
    if [[ -z $name ]]; then continue; fi
    # Within quotes it stands as it is: what a shell would still expand there is left out.
    if [[ -z $quote ]]; then
      printf -v quoted %q "$name"
    elif [[ $name == *[!A-Za-z0-9._/:=@%+,-]* ]]; then
      continue
    else
      quoted=$name
    fi
    COMPREPLY+=("$quoted")
  done < <("$\{words[0]}" __complete -- "$\{words[@]:1}" 2>/dev/null)
}
complete -F _plimsoll plimsoll
`.replaceAll(String.raw`$\{`, '${');

const ZSH = String.raw`#compdef plimsoll
# Completion of plimsoll for zsh: source <(plimsoll completion zsh), after compinit
_plimsoll() {
  local -a lines whole open
  local line name about files=
  lines=("$\{(@f)$("$\{(Q)words[1]}" __complete -- "$\{(@Q)words[2,CURRENT-1]}" "$\{(Q)PREFIX}" 2>/dev/null)}")
  for line in "$\{lines[@]}"; do
    name=$\{line%%$'\t'*}
    about=$\{line#"$name"}
    about=$\{about#$'\t'}
    if [[ $name == :files ]]; then
      files=1
    elif [[ $name == *[=:/] ]]; then
      open+=("$\{$\{name//\\/\\\\}//:/\\:}$\{about:+:$about}")
    elif [[ -n $name ]]; then
      whole+=("$\{$\{name//\\/\\\\}//:/\\:}$\{about:+:$about}")
    fi
  done
  (($#whole)) && _describe -t plimsoll plimsoll whole
  (($#open)) && _describe -t plimsoll plimsoll open -S ''
  if [[ -n $files ]]; then
    compset -P '*seccomp=' || compset -P '--*='
    _files
  fi
  return 0
}
if [[ "$\{funcstack[1]}" == _plimsoll ]]; then _plimsoll "$@"; else compdef _plimsoll plimsoll; fi
`.replaceAll(String.raw`$\{`, '${');

const FISH = String.raw`# Completion of plimsoll for fish: plimsoll completion fish | source
function __plimsoll_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            # What stands before a path stays before it: --env-file=, seccomp=.
            set -l path (string replace -r '^(--[^=]+=)?(seccomp=)?' '' -- "$current")
            set -l before (string sub -l (math (string length -- "$current") - (string length -- "$path")) -- "$current")
            for file in (__fish_complete_path "$path")
                printf '%s\n' "$before$file"
            end
        else
            printf '%s\n' "$line"
        end
    end
end
complete -c plimsoll -f -a '(__plimsoll_complete)'
`;

export const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
