import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../../complete.ts'
import { table } from './psql.ts'
import { type Result, runSql, type Tables } from './sql.ts'

const run = (...queries: readonly string[]): Result[] => {
  const tables: Tables = new Map()
  return queries.flatMap((q) => runSql(q, tables, 'PostgreSQL'))
}
const rows = (...queries: readonly string[]): unknown => (run(...queries).at(-1) as { rows?: unknown }).rows
const filled =
  "create table t (id serial primary key, name text not null, ok boolean default true); insert into t (name) values ('ann'), ('bob'), ('it''s')"

describe('statements', () => {
  test('tags tell what was done', () =>
    expect(
      run(filled, "update t set name = 'x' where id > 1", 'delete from t where id = 1', 'drop table t').map((r) =>
        'tag' in r ? r.tag : r.error,
      ),
    ).toEqual(['CREATE TABLE', 'INSERT 0 3', 'UPDATE 2', 'DELETE 1', 'DROP TABLE']))
  test.each([
    ['select * from t where id = 2', [[2, 'bob', true]]],
    ['select name from t order by name desc limit 1', [["it's"]]],
    ['select count(*), max(id) from t where ok', [[3, 3]]],
    ["select id from t where name like '%o%' or name in ('ann')", [[1], [2]]],
    ['select id + 1 as n from t order by n desc limit 1 offset 1', [[3]]],
    ['select upper(name) from t where not id <> 1 and name is not null', [['ANN']]],
    ['select 7 / 2, 7 % 2, version()', [[3, 1, 'PostgreSQL']]],
  ])('%s', (query, made) => expect(rows(filled, query)).toEqual(made))
  test.each([
    ['select * from nope', 'relation "nope" does not exist'],
    ['select nope from t', 'column "nope" does not exist'],
    ['selec 1', 'syntax error at or near "selec"'],
    ['select * from t where', 'syntax error at end of input'],
    ["insert into t (id, name) values (1, 'x')", 'duplicate key value violates unique constraint "t_pkey"'],
    ['insert into t (id) values (9)', 'null value in column "name" of relation "t" violates not-null constraint'],
    ["insert into t (id, name) values ('x', 'y')", 'invalid input syntax for type integer: "x"'],
    ['create table t (a int)', 'relation "t" already exists'],
    ['select 1 / 0', 'division by zero'],
    ['create table d (at timestamp)', 'zukan: not emulated: type timestamp'],
    ['select * from t join u on true', 'zukan: not emulated: joins'],
    ['begin', 'zukan: not emulated: BEGIN'],
  ])('%s: %s', (query, error) => expect(run(filled, query).at(-1)).toMatchObject({ error }))
  test('no query throws', () => {
    const word = fc.constantFrom(
      ...'select insert into update delete from create table drop t u id name * ( ) , ; = <> < + - / % || where order by asc desc limit offset 1 2 0 null not is in like and or \'x\' "id" values set int text serial primary key default count sum as true if exists'.split(
        ' ',
      ),
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.string({ maxLength: 3 }) }), {
          maxLength: 14,
        }),
        (list) => Array.isArray(run(filled, list.join(' '))),
      ),
      { numRuns: 1500 },
    )
  })
})
test('a table as psql draws it', () =>
  expect(
    table(
      [
        { name: 'id', right: true },
        { name: 'name', right: false },
      ],
      [
        ['1', 'ann'],
        ['20', 'a\nb'],
      ],
      { bare: false, plain: false, quiet: false },
    ),
  ).toBe(' id | name \n----+------\n  1 | ann\n 20 | a   +\n    | b\n(2 rows)\n\n'))

describe('a release with a folder of its own, since 18', () => {
  const run = (script: string) => openSession({ host: 'linux-server' }).execute(['/bin/sh', '-c', script])
  const start = (tag: string, at: string) =>
    `docker run -d -q --name db -e POSTGRES_PASSWORD=x -v data:${at} postgres:${tag} >/dev/null; sleep 5; docker logs db 2>&1`
  test('18 keeps its data below its version, in one volume for all of them', () => {
    const r = run(`${start('18', '/var/lib/postgresql')}; docker exec db cat /var/lib/postgresql/18/docker/PG_VERSION`)
    expect(r.stdout).toMatch(
      /Data page checksums are enabled[\s\S]*starting PostgreSQL 18\.6[\s\S]*ready to accept[\s\S]*\n18\n$/,
    )
  })
  test('the volume of earlier releases is refused, empty or with their data', () => {
    const place = '/var/lib/postgresql/data'
    expect(run(`${start('18', place)}; docker wait db`).stdout).toMatch(
      /^Error: in 18\+[\s\S]*unused mount[\s\S]*\n1\n$/,
    )
    const r = run(`${start('16', place)} >/dev/null; docker rm -f db >/dev/null; ${start('18', place)}`)
    expect(r.stdout).toMatch(/PostgreSQL data in:\n\s+\/var\/lib\/postgresql\/data\n/)
  })
  test('16 doesn’t read what 18 wrote', () => {
    const old =
      'docker run -d -q --name old -e PGDATA=/d/18/docker -v data:/d postgres:16 >/dev/null; sleep 5; docker logs old 2>&1'
    const r = run(`${start('18', '/var/lib/postgresql')} >/dev/null; ${old}; docker wait old`)
    expect(r.stdout).toMatch(
      /FATAL: {2}database files are incompatible with server[\s\S]*by PostgreSQL version 18,[\s\S]*\n1\n$/,
    )
  })
})
