import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answer, commands, resp, Store } from './commands.ts'

const run = (lines: readonly string[], store = new Store(), now = 0): string[] =>
  lines.map((l) => resp(answer(store, l.split(' '), now, () => '')))

describe('commands', () => {
  test('strings and counters', () =>
    expect(
      run(['SET a 1', 'INCR a', 'GET a', 'GET no', 'APPEND a 0', 'STRLEN a', 'DECRBY a 5', 'SET a x NX', 'MGET a no']),
    ).toEqual([
      '+OK\r\n',
      ':2\r\n',
      '$1\r\n2\r\n',
      '$-1\r\n',
      ':2\r\n',
      ':2\r\n',
      ':15\r\n',
      '$-1\r\n',
      '*2\r\n$2\r\n15\r\n$-1\r\n',
    ]))
  test('lists, hashes, sets and sorted sets', () =>
    expect(
      run([
        'RPUSH l a b c',
        'LRANGE l 1 -1',
        'LPOP l',
        'HSET h f 1',
        'HGETALL h',
        'SADD s x x y',
        'SCARD s',
        'ZADD z 2 b 1 a',
        'ZRANGE z 0 -1 WITHSCORES',
      ]),
    ).toEqual([
      ':3\r\n',
      '*2\r\n$1\r\nb\r\n$1\r\nc\r\n',
      '$1\r\na\r\n',
      ':1\r\n',
      '*2\r\n$1\r\nf\r\n$1\r\n1\r\n',
      ':2\r\n',
      ':2\r\n',
      ':2\r\n',
      '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n',
    ]))
  test('keys end when their time is over', () => {
    const store = new Store()
    expect(run(['SET a 1 EX 10', 'TTL a', 'PERSIST a', 'TTL a', 'EXPIRE a 5'], store, 0)).toEqual([
      '+OK\r\n',
      ':10\r\n',
      ':1\r\n',
      ':-1\r\n',
      ':1\r\n',
    ])
    expect(run(['EXISTS a', 'TTL a', 'DBSIZE'], store, 6e9)).toEqual([':0\r\n', ':-2\r\n', ':0\r\n'])
  })
  test('mistakes in the words of the real server', () =>
    expect(run(['GET', 'NOPE x y', 'LPUSH a 1', 'GET a', 'SET n x', 'INCR n', 'XADD s', 'SET a 1 EX 0'])).toEqual([
      "-ERR wrong number of arguments for 'get' command\r\n",
      "-ERR unknown command 'NOPE', with args beginning with: 'x' 'y' \r\n",
      ':1\r\n',
      '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
      '+OK\r\n',
      '-ERR value is not an integer or out of range\r\n',
      '-ERR zukan: not emulated: XADD\r\n',
      "-ERR invalid expire time in 'set' command\r\n",
    ]))
  test('no command throws, and every answer is whole', () => {
    const word = fc.oneof(
      fc.constantFrom(...Object.keys(commands), '0', '-1', '3', 'a', 'b', 'l', 'EX', 'NX', '[a', '*'),
      fc.string({ maxLength: 4 }),
    )
    const store = new Store()
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), (words, now) =>
        /^[$+:*-].*\r\n$/s.test(resp(answer(store, words, now, () => 'x'))),
      ),
      { numRuns: 2000 },
    )
  })
})
