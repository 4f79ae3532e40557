import { quoted } from '../text/text.ts'

/** Shells that `dogear completion` writes a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/**
 * A script for the shell to load. It asks `dogear complete` at each press of the key, so it knows
 * verbs, options, jobs and runs as they are then; and makes a command `dogear` where there is none.
 * `ofFiles`: verbs that take a file, which only fish must be told.
 */
export function completionScript(
  shell: Shell,
  command: readonly string[],
  ofFiles: readonly string[] = [],
): string {
  return SCRIPTS[shell](command.map(quoted).join(' '), ofFiles)
}

const SCRIPTS: Record<Shell, (dogear: string, ofFiles: readonly string[]) => string> = {
  bash: (dogear) => `\
# Load it with: source <(npm run --silent dogear -- completion bash)
type dogear >/dev/null 2>&1 || dogear() { ${dogear} "$@"; }
_dogear() {
  local IFS=$'\\n'
  COMPREPLY=($(${dogear} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _dogear dogear`,

  zsh: (dogear) => `\
# Load it with: source <(npm run --silent dogear -- completion zsh)
type dogear >/dev/null 2>&1 || dogear() { ${dogear} "$@"; }
_dogear() {
  local -a found
  local line
  for line in \${(f)"$(${dogear} complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#found )) && _describe dogear found || _files
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _dogear dogear`,

  fish: (dogear, ofFiles) => `\
# Load it with: npm run --silent dogear -- completion fish | source
type -q dogear; or function dogear; ${dogear} $argv; end
function __dogear_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  ${dogear} complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c dogear -f -a '(__dogear_complete)'
${ofFiles.map((verb) => `complete -c dogear -n '__fish_seen_subcommand_from ${verb}' -F\n`).join('')}`,
}
