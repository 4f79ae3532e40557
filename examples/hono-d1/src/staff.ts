/** Whether the company's own people ask. */
export function isStaff(request: Request, env: Cloudflare.Env): boolean {
  return request.headers.get('authorization') === `Bearer ${env.ACME_TOKEN}`
}
