# fish completion for fundledger: fundledger completion fish | source
function __fundledger_complete
	set -l typed (commandline -opc)
	set -l last (commandline -ct)
	set -l found ($typed[1] complete -- $typed[2..-1] "$last" 2>/dev/null)
	if test "$found[1]" = ":files"
		__fish_complete_path "$last"
	else if test -n "$found[1]"
		printf '%s\n' $found
	end
end
complete -c fundledger -f -a '(__fundledger_complete)'
