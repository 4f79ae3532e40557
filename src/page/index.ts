/**
 * The built page, served by the Worker itself.
 *
 * @module
 */
export { servePage } from './serve-page.ts'
