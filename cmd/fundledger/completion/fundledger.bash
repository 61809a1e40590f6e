# bash completion for fundledger: source <(fundledger completion bash)
_fundledger() {
	local found IFS=$'\n'
	COMPREPLY=()
	found=$("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
	if [ "$found" = ":files" ]; then
		compopt -o default 2>/dev/null
		return
	fi
	COMPREPLY=($(cut -f1 <<<"$found"))
}
complete -F _fundledger fundledger
