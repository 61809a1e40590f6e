#compdef fundledger
# zsh completion for fundledger: source <(fundledger completion zsh), or as _fundledger in a folder of $fpath
_fundledger() {
	local line
	local -a found described
	found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ "${found[1]}" == ":files" ]]; then
		_files
		return
	fi
	for line in "${found[@]}"; do
		case "$line" in
		*$'\t'*) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		?*) described+=("${line//:/\\:}") ;;
		esac
	done
	_describe -t commands fundledger described
}
if [[ "${funcstack[1]}" == "_fundledger" ]]; then
	_fundledger "$@"
else
	compdef _fundledger fundledger
fi
