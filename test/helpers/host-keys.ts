// Public host keys made once with ssh-keygen, with the fingerprints that it shows for them, and names as its -H hashes them.
// The private halves are gone.

export type PublicKey = { readonly type: string; readonly base64: string; readonly fingerprint: string }

export const ed25519Key: PublicKey = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIHkjUceJtwVQaIMi+EktEMFOAs5sT+Isj69TiSu4z/yF',
  fingerprint: 'SHA256:ffhssLavUPrGBc2+4vv2ZwbX3wNYQKJ8bmj7CkH3wh8',
}
export const otherEd25519Key: PublicKey = {
  type: 'ssh-ed25519',
  base64: 'AAAAC3NzaC1lZDI1NTE5AAAAIPVGPNRE+vkqIy/h6h3a31ZzejGR0eVFpxIwFEvgILfg',
  fingerprint: 'SHA256:Im+/uTRIcAwICKjs8sIGax2Zp0OGdRMBnIjkrsOyx44',
}
export const ecdsaKey: PublicKey = {
  type: 'ecdsa-sha2-nistp256',
  base64:
    'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBCrkkx09qRLHWKoLDb2HpFijWLGxuwU0rZra6FN9183d9fXjbulbsoqHVHUUXUwiDwtl5QsvjPQ2ETlijZYcGY=',
  fingerprint: 'SHA256:yiZVuAl9tBHAXNQA8udNyV1Zh5GqRI2CVro4KtTQ1w4',
}
export const rsaKey: PublicKey = {
  type: 'ssh-rsa',
  base64:
    'AAAAB3NzaC1yc2EAAAADAQABAAABgQDEeS3yJlHe5bAd4+oVEOcj+EVpQ5XVQDqphcWB5/d0iqAI4YT8Ve/2N37PkWp4wRnPIAVkRjJI9OxjYltwZu4epmfoKzAHZunE+hontKZEAP9xFZ0vHpU3N4RYqTB2Frz0yukV/wAIG/dzy+mvIJo76nx76zGqELFJGDCebZ3SExSKEnnaj117y32GGASBPWiLUyvfD6M4r/r7WXS7ttzO72+IhxE+rTzGOLR4Mu44vpNPVKXYPjQCDDiEbBc0/uqB8S9E9weZVjE8M9l0DztHnaYwAquOiDcmiFiHpKA0rg/oo/W69PLQtGM7SLjx9voHLNTDsCkqKO3MRl0AsTNQXkDML+LCW3fesjsndZKvkA6k12uw16Xa139NOtHkLVOzFQcoT6S5stYGo6H2npR3+nur7xSC2mFXJdzOeNbDMZy0qrbEZxmoHm0MCqwMHHBuyPBSwe2X8tt69tNZi6yXxh8ZZOIYIX89AYx6xx1gtMtfl6fyAE66FTN+9b1rzFU=',
  fingerprint: 'SHA256:CBnPbA+vkHhI1fpu4KXzg6Qjs0SsaGEDeKFibZLUW3g',
}

/** box.example */
export const hashedName = '|1|9QiyEsOfsn2Tt7opo2dFo5IyOuI=|hhn8YtuIzonhWqCGJybLKuji3n8='
/** [box.example]:2222 */
export const hashedPortName = '|1|lAJrZEReRGOAhz7bG9otI7cUMYI=|myJKMFEyu4kyAA1jLN8uzAZ/nZ4='

export const blobOf = ({ base64 }: PublicKey): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
export const textOf = ({ type, base64 }: PublicKey): string => `${type} ${base64}`
