import { expect, test } from 'vitest'
import { joined } from './share.ts'

test('a here-document is one entry of a link', () => {
  expect(joined(["cat > a <<'EOF'", 'x', 'EOF', 'ls'])).toEqual(["cat > a <<'EOF'\nx\nEOF", 'ls'])
})
test('a here-document that was never ended takes the rest', () => {
  expect(joined(['cat <<E', 'x', 'y'])).toEqual(['cat <<E\nx\ny'])
})
