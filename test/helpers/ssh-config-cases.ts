// Configurations and what they say of a host: one table for our own reader and for ssh -G. HOME stands for the home folder.

export type SshConfigCase = {
  readonly name: string
  readonly config: string
  /** Default: box. */
  readonly host?: string
  /** As it would stand in the address. */
  readonly user?: string
  readonly port?: number
  readonly expected: {
    readonly hostname?: string
    readonly user?: string
    readonly port?: number
    readonly identityfile?: readonly string[]
    /** As ssh -G prints it. */
    readonly proxyjump?: string
    readonly connecttimeout?: number
    readonly identitiesonly?: boolean
    readonly hostkeyalias?: string
    readonly userknownhostsfile?: readonly string[]
  }
}

export const sshConfigCases: readonly SshConfigCase[] = [
  { name: 'nothing', config: '', expected: { hostname: 'box', port: 22 } },
  {
    name: 'the first value wins',
    config: 'Host box\n  User one\n  Port 2222\nHost *\n  User two\n  HostName box.example\n  Port 22\n',
    expected: { hostname: 'box.example', user: 'one', port: 2222 },
  },
  {
    name: 'before the first Host line',
    config: 'Port 2022\nHost other\nPort 1\nHost box\nPort 2\n',
    expected: { port: 2022 },
  },
  {
    name: 'what the address names comes first',
    config: 'Host box\n  User one\n  Port 2222\n',
    user: 'ken',
    port: 22,
    expected: { user: 'ken', port: 22 },
  },
  { name: 'several patterns', config: 'Host other b?x *.example\nUser one\n', expected: { user: 'one' } },
  { name: 'a negated pattern', config: 'Host * !box\nUser one\nHost *\nUser two\n', expected: { user: 'two' } },
  { name: 'a negated pattern alone', config: 'Host !other\nUser one\nHost *\nUser two\n', expected: { user: 'two' } },
  {
    name: 'a comma is no separator',
    config: 'Host other,box\nUser one\nHost *\nUser two\n',
    expected: { user: 'two' },
  },
  {
    name: 'equals signs and blanks',
    config: 'host=box\nUSER =one\n\tport\t=\t2222\nHostName= box.example  \r\n',
    expected: { hostname: 'box.example', user: 'one', port: 2222 },
  },
  {
    name: 'quotes',
    config:
      'Host "box"\nUser "one two"\nIdentityFile "HOME/a key"\nIdentityFile \'HOME/b key\'\nIdentityFile HOME/c\\ key\n',
    expected: { user: 'one two', identityfile: ['HOME/a key', 'HOME/b key', 'HOME/c key'] },
  },
  {
    name: 'comments',
    config: '# Host box\nHost box # mine\n  User one # me\n  #Port 1\n  Port 2222 # not 22\n',
    expected: { user: 'one', port: 2222 },
  },
  { name: '%h in HostName', config: 'Host box\nHostName %h.example.%%\n', expected: { hostname: 'box.example.%' } },
  { name: 'upper case in HostName', config: 'Host box\nHostName BOX.Example\n', expected: { hostname: 'box.example' } },
  { name: 'an address', config: 'Host box\nHostName 2001:db8::1\n', expected: { hostname: '2001:db8::1' } },
  {
    name: 'key files add up, each once',
    config:
      'Host box\nIdentityFile ~/.ssh/box\nIdentityFile HOME/%n/%h/%r/%p\nHost *\nIdentityFile ~/.ssh/box\nIdentityFile %d/.ssh/%u\nIdentitiesOnly yes\nHostName box.example\nUser one\n',
    expected: {
      identityfile: ['HOME/.ssh/box', 'HOME/box/box.example/one/22', 'HOME/.ssh/USER'],
      identitiesonly: true,
    },
  },
  { name: 'no key files', config: 'IdentityFile none\n', expected: { identityfile: [] } },
  { name: 'ProxyJump', config: 'Host box\nProxyJump hop\n', expected: { proxyjump: 'hop' } },
  {
    name: 'ProxyJump list',
    config: 'Host box\nProxyJump ken@one.example:2222,two \n',
    expected: { proxyjump: 'ken@one.example:2222,two' },
  },
  {
    name: 'ProxyJump as ssh://',
    config: 'ProxyJump ssh://ken@one.example:2222\n',
    expected: { proxyjump: 'ken@one.example:2222' },
  },
  {
    name: 'ProxyJump to an address',
    config: 'ProxyJump ken@[2001:db8::1]:2222\n',
    expected: { proxyjump: 'ken@[2001:db8::1]:2222' },
  },
  { name: 'ProxyJump none', config: 'Host box\nProxyJump none\nHost *\nProxyJump hop\n', expected: { proxyjump: '' } },
  {
    name: 'ProxyJump before ProxyCommand',
    config: 'ProxyJump hop\nProxyCommand false\n',
    expected: { proxyjump: 'hop' },
  },
  {
    name: 'ProxyCommand none before ProxyJump',
    config: 'ProxyCommand none\nProxyJump hop\n',
    expected: { proxyjump: '' },
  },
  { name: 'Match all', config: 'Host other\nUser one\nMatch all\nUser two\n', expected: { user: 'two' } },
  { name: 'not Match all', config: 'Match !all\nUser one\nMatch all\nUser two\n', expected: { user: 'two' } },
  { name: 'times', config: 'ConnectTimeout 1m30s\n', expected: { connecttimeout: 90 } },
  { name: 'other names for the key', config: 'HostKeyAlias Alias\nPort 2222\n', expected: { hostkeyalias: 'alias' } },
  {
    name: 'known_hosts elsewhere',
    config: 'UserKnownHostsFile ~/k1 "HOME/%h k2" /dev/null\n',
    expected: { userknownhostsfile: ['HOME/k1', 'HOME/box k2', '/dev/null'] },
  },
  {
    name: 'keywords of no interest',
    config: 'ServerAliveInterval 5\nForwardAgent no\nSetEnv A=b\nUser one\n',
    expected: { user: 'one' },
  },
]
