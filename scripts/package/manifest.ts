import { faces, manifest } from './faces.ts'

/** The `package.json` of the package, made from the repository's. */
export function packageManifest(env: NodeJS.ProcessEnv = process.env): object {
  const { name, version, description, license, type, engines, keywords } = manifest
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest
  const exported = faces.map(({ path, file }): [string, object] => [
    path,
    { types: `./lib/${file}.d.ts`, default: `./lib/${file}.js` },
  ])
  return {
    name,
    version,
    description,
    keywords,
    license,
    ...repositoryOf(env),
    type,
    sideEffects: false,
    exports: { ...Object.fromEntries(exported), './package.json': './package.json' },
    bin: { dogear: 'bin/dogear.js' },
    files: ['bin', 'lib', 'migrations', 'docs', 'AGENTS.md', 'CHANGELOG.md'],
    engines,
    // Here they are pinned; a host may have newer ones.
    dependencies: mapped(dependencies, (wanted) => `^${wanted}`),
    peerDependencies,
    peerDependenciesMeta,
  }
}

/** Where it was built, which a provenance statement is compared with. */
function repositoryOf({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: path }: NodeJS.ProcessEnv) {
  if (server === undefined || path === undefined) return {}
  return { repository: { type: 'git', url: `git+${server}/${path}.git` } }
}

function mapped(all: Record<string, string>, as: (value: string) => string) {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, as(value)]))
}
