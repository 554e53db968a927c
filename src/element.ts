export { NatterChat } from './element/define.ts'
