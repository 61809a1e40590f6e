left(a.project, 100) COLLATE "C" = left({project}::text, 100) COLLATE "C" AND a.project = {project}::text
