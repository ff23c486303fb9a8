import type { SHELLS } from './suggest.ts';
import { COMPLETE } from './complete.ts';

const BASH = `# bash completion of kubectl-tradingstack: source <(kubectl-tradingstack completion bash)
_kubectl_tradingstack() {
  local line output
  COMPREPLY=()
  output=$(kubectl-tradingstack ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  while IFS= read -r line; do
    if [[ $line == :* ]]; then
      [[ $line == :0 ]] && compopt -o default
    elif [[ -n $line ]]; then
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done <<<"$output"
}
complete -F _kubectl_tradingstack kubectl-tradingstack`;

const ZSH = `#compdef kubectl-tradingstack
# zsh completion of kubectl-tradingstack: source <(kubectl-tradingstack completion zsh)
_kubectl_tradingstack() {
  local line
  local -a words_found
  for line in "\${(@f)$(kubectl-tradingstack ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :0 ]]; then
      _files
    elif [[ -n $line && $line != :* ]]; then
      words_found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( \${#words_found} )) && _describe 'tradingstack' words_found
}
compdef _kubectl_tradingstack kubectl-tradingstack`;

const FISH = `# fish completion of kubectl-tradingstack: kubectl-tradingstack completion fish | source
function __kubectl_tradingstack
  set -l words (commandline -opc) (commandline -ct)
  kubectl-tradingstack ${COMPLETE} $words[2..-1] 2>/dev/null | string match -v -r '^:'
end
complete -c kubectl-tradingstack -f -a '(__kubectl_tradingstack)'`;

/** Scripts that complete kubectl-tradingstack. kubectl tradingstack is completed by kubectl itself. */
export const SHELL_SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash: BASH, zsh: ZSH, fish: FISH };
